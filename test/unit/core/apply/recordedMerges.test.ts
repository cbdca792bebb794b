import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { applyConfiguration } from '../../../../src/core/apply/applyConfiguration.ts';
import { writeFieldsV1 } from '../../../../src/core/apply/fieldsV1.ts';
import type { Managers } from '../../../../src/core/apply/managers.ts';
import { updateObject } from '../../../../src/core/apply/updateObject.ts';
import type { Json } from '../../../../src/core/json.ts';
import { formatServerPath } from '../../../../src/core/schema/path.ts';
import { ruleNode } from './rules.ts';

/**
 * What structured-merge-diff 6.3.0, the library of Kubernetes 1.35, made of random objects of our own: nulls, empty containers, items
 * that share a key, orders. Object keys that are not in the schema of `rules.ts` do not occur.
 */
interface Step {
  op: 'apply' | 'force' | 'update';
  manager: string;
  object: Json;
  live?: Json;
  managed?: Record<string, Json>;
  conflicts?: string[];
  invalid?: true;
}

const file = new URL('../../../fixtures/apply/recordedMerges.jsonl', import.meta.url);
const records = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as { steps: Step[] });

test(`${records.length} recorded sequences of applies and updates`, () => {
  for (const [id, { steps }] of records.entries()) {
    // The recording library starts from an empty object, not from none.
    let state: { live: Json | undefined; managers: Managers } = { live: {}, managers: new Map() };
    for (const [index, step] of steps.entries()) state = play(state, step, `sequence ${id + 1}, step ${index}`);
  }
});

function play(before: { live: Json | undefined; managers: Managers }, step: Step, at: string): typeof before {
  const common = { ...before, manager: step.manager, apiVersion: 'v1', node: ruleNode };
  let after = before;
  if (step.op === 'update') {
    after = updateObject({ ...common, object: step.object });
  } else {
    const outcome = applyConfiguration({ ...common, config: step.object, force: step.op === 'force' });
    assert.equal(outcome.result === 'invalid', step.invalid === true, at);
    assert.equal(outcome.result === 'conflict', step.conflicts !== undefined, at);
    if (outcome.result === 'conflict') {
      const conflicts = outcome.conflicts.map(({ manager, segments }) => `${manager} ${formatServerPath(segments)}`);
      assert.deepEqual(conflicts.sort(), step.conflicts, at);
    } else if (outcome.result !== 'invalid') {
      after = outcome;
    }
  }
  if (step.managed !== undefined) {
    assert.deepEqual(after.live, step.live, at);
    const managed = [...after.managers].map(([manager, { set }]): [string, Json] => [manager, writeFieldsV1(set)]);
    assert.deepEqual(Object.fromEntries(managed), step.managed, at);
  }
  return after;
}
