import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type Json, field } from '../../../../src/core/json.ts';
import { parseJson } from '../../../../src/core/jsonText.ts';
import { groupVersionKindOf, nameOf } from '../../../../src/core/kube/objectKey.ts';
import { readManifests } from '../../../../src/core/manifest/readManifests.ts';
import { StatusError, statusObject } from '../../../../src/core/cluster/statusError.ts';
import { testCluster } from './testCluster.ts';
import { withoutChance } from './withoutChance.ts';

const golden = new URL('golden/', import.meta.url);
const cases = readManifests(readFileSync(new URL('cases.yaml', golden), 'utf8'), { profile: 'raw' }).documents;
const answers = readFileSync(new URL('answers.jsonl', golden), 'utf8').trim().split('\n').map(parseJson);

/** Where the simulation is known to say it in other words; it refuses the same. */
const otherWords = new Set(['HorizontalPodAutoscaler web', 'PodDisruptionBudget web', 'CustomResourceDefinition web']);

/** The merge library prints some wrong values as Go would; what they are is all that matters. */
function inOneWord(answer: Json): Json {
  const message = field(answer, 'message');
  if (typeof message !== 'string' || typeof answer !== 'object' || Array.isArray(answer)) return answer;
  return {
    ...answer,
    message: message.replaceAll(/got (?:&value\.valueUnstructured\{Value:\S+\}|\w+)/g, 'got another'),
  };
}

function answerOf(work: () => Json): Json {
  try {
    return work();
  } catch (error) {
    if (StatusError.is(error)) return statusObject(error);
    throw error;
  }
}

describe('answers of a real API server to creates and applies', () => {
  const { cluster } = testCluster();
  for (const [index, { object }] of cases.entries()) {
    const title = `${object.kind} ${nameOf(object)}`;
    const answer = answers[index];
    assert.ok(
      answer !== undefined && field(answer, 'case') === title,
      `golden answers are of other cases than ${title}`,
    );
    const { group, version, kind } = groupVersionKindOf(object);
    const served = cluster.catalog.byKind(group, version, kind);
    assert.ok(served !== undefined);
    const namespace = typeof object.metadata['namespace'] === 'string' ? object.metadata['namespace'] : 'default';
    const request = { dryRun: true, fieldManager: 'test' };
    const actual = {
      created: () => answerOf(() => cluster.create(served, namespace, object, request).object),
      applied: () => answerOf(() => cluster.apply(served, namespace, nameOf(object), object, request).object),
    };
    for (const how of ['created', 'applied'] as const) {
      test(`${title}, ${how}`, () => {
        const expected = inOneWord(field(answer, how) ?? null);
        const found = inOneWord(withoutChance(actual[how]()));
        if (otherWords.has(title)) assert.equal(field(found, 'code'), field(expected, 'code'));
        else assert.deepEqual(found, expected);
      });
    }
  }
});
