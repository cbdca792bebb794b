import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Json, cloneJson, isJsonObject } from '../../src/core/json.ts';
import { type KubeObject, describeKey, namespaceOf } from '../../src/core/kube/objectKey.ts';
import type { PathSegment } from '../../src/core/location.ts';
import { formatPath } from '../../src/core/schema/path.ts';
import type { SchemaNode } from '../../src/core/schema/schemaNode.ts';
import { type SchemaFinding, validateObject } from '../../src/core/schema/validate.ts';
import { typeOfKey } from '../../src/core/schema/valueShape.ts';
import { itemElement, segmentOf } from '../../src/core/schema/pathElement.ts';
import type { Target } from '../../src/services/drift/target.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { pathOf } from '../support/campaign/operations.ts';
import { corporaSkipReason, corpus } from '../support/corpora.ts';
import { DriftCheck } from '../support/driftCheck.ts';
import { Random } from '../support/random.ts';
import { type WorkRepository, cloneBundle } from '../support/workRepository.ts';

const seed = Number(process.env['PLUMBLINE_SEED'] ?? 1);
const missing = await skipReason();
const skip = missing === false ? (corporaSkipReason('podinfo.bundle', 'kube-prometheus.bundle') ?? false) : missing;

/** Of each fault so many objects are asked about. */
const perFault = 40;

/** One way to make an object wrong. */
interface Mutation {
  segments: PathSegment[];
  mutate(slot: Record<string, Json>): void;
  /** The container whose entry is changed, by fields and positions. */
  place: (string | number)[];
}

type Fault = 'unknown-field' | 'wrong-type' | 'missing-required' | 'bad-enum';

/** All ways in which one object can be made wrong in one respect. */
function* mutationsOf(
  fault: Fault,
  value: Json,
  node: SchemaNode,
  place: (string | number)[],
  at: PathSegment[],
): Iterable<Mutation> {
  const { map, list } = node;
  if (isJsonObject(value) && map !== undefined) {
    if (fault === 'unknown-field' && map.fields !== undefined && map.values === undefined) {
      const segments = [...at, { field: 'plumblineUnknown' }];
      yield { segments, place, mutate: (slot) => void (slot['plumblineUnknown'] = 'x') };
    }
    for (const key of Object.keys(value)) {
      if (at.length === 0 && ['apiVersion', 'kind', 'metadata', 'status'].includes(key)) continue;
      const type = typeOfKey(map, key);
      const segments = [...at, { field: key }];
      const own = value[key] ?? null;
      if (fault === 'missing-required' && node.required?.includes(key) === true && type.default === undefined) {
        yield {
          segments,
          place,
          mutate: (slot) => {
            delete slot[key];
          },
        };
      }
      if (typeof own !== 'object') {
        const other = type.scalar === 'string' ? { a: 'b' } : type.scalar === 'untyped' ? undefined : 'plumbline';
        if (fault === 'wrong-type' && other !== undefined && type.scalar !== undefined) {
          yield { segments, place, mutate: (slot) => void (slot[key] = other) };
        }
        if (fault === 'bad-enum' && type.enum !== undefined) {
          yield { segments, place, mutate: (slot) => void (slot[key] = 'plumbline') };
        }
      }
      yield* mutationsOf(fault, own, type, [...place, key], segments);
    }
  } else if (Array.isArray(value) && list !== undefined) {
    for (const [index, item] of value.entries()) {
      const element = list.relationship === 'atomic' ? undefined : itemElement(list, item);
      const segment: PathSegment = typeof element === 'string' ? segmentOf(element) : { index };
      for (const mutation of mutationsOf(fault, item, list.items, [...place, index], [...at, segment])) {
        // Without its key, or with another one, it is no longer that item.
        const last = mutation.segments.at(-1);
        const isKey = mutation.segments.length === at.length + 2 && last !== undefined && 'field' in last;
        if (!isKey || !list.keys.includes(last.field)) yield mutation;
      }
    }
  }
}

describe('what the server refuses is said before', { skip }, () => {
  let plane: ControlPlane;
  let check: DriftCheck;
  let repositories: WorkRepository[] = [];
  const targets: { target: Target; node: SchemaNode; object: KubeObject }[] = [];

  before(async () => {
    plane = await startControlPlane();
    check = new DriftCheck(plane);
    const [podinfo, prometheus] = await Promise.all([
      cloneBundle(corpus('podinfo.bundle')),
      cloneBundle(corpus('kube-prometheus.bundle')),
    ]);
    repositories = [podinfo, prometheus];
    await plane.kubectl(['apply', '--server-side', '-f', join(prometheus.folder, 'manifests/setup')]);
    const crds = ['wait', 'crd', '--all', '--for=condition=Established', '--timeout=60s'];
    await plane.kubectl(crds);
    const sources: [WorkRepository, string][] = [
      [podinfo, 'deploy/overlays/production'],
      [podinfo, 'kustomize'],
      [prometheus, ''],
    ];
    for (const [{ folder }, below] of sources) {
      for (const { target, node } of await check.targets(folder, { below })) {
        if (
          target.rendered !== undefined &&
          target.resource !== undefined &&
          target.key.kind !== 'CustomResourceDefinition'
        )
          targets.push({ target, node, object: target.rendered.object });
      }
    }
    for (const namespace of new Set(targets.map(({ object }) => namespaceOf(object)))) {
      if (namespace !== '') await plane.tryKubectl(['create', 'namespace', namespace]);
    }
  });
  after(async () => {
    check.dispose();
    await plane.stop();
    for (const repository of repositories) await repository.dispose();
  });

  /** What the server says of an object, as Flux and server-side kubectl ask it; undefined where it takes it. */
  async function refusal({ resource }: Target, object: KubeObject): Promise<string | undefined> {
    assert.ok(resource);
    const query = '?dryRun=All&force=true&fieldManager=plumbline-test&fieldValidation=Strict';
    try {
      await plane.api.send('PATCH', pathOf(resource, object) + query, object, 'application/apply-patch+yaml');
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  const words = ({ code, segments }: SchemaFinding): string => `${code} ${formatPath(segments)}`;

  test('nothing is said of what it takes', async (t) => {
    for (const { target, node, object } of targets) {
      assert.deepEqual(validateObject(object, node).map(words), [], describeKey(target.key));
      assert.equal(await refusal(target, object), undefined, describeKey(target.key));
    }
    t.diagnostic(`${targets.length} objects of ${new Set(targets.map(({ object }) => object.kind)).size} kinds`);
  });

  for (const fault of ['unknown-field', 'wrong-type', 'missing-required', 'bad-enum'] as const) {
    test(`${fault}: on its place, where the server refuses it`, async (t) => {
      const random = new Random(seed);
      const choices = random
        .shuffle(targets)
        .flatMap((item) => {
          const all = [...mutationsOf(fault, item.object, item.node, [], [])];
          return all.length === 0 ? [] : [{ ...item, mutation: random.pick(all) }];
        })
        .slice(0, perFault);
      assert.ok(choices.length >= 10, `${choices.length} objects can have it`);
      const wrong: string[] = [];
      for (const { target, node, object, mutation } of choices) {
        const changed = cloneJson(object);
        const slot = mutation.place.reduce<Json>((value, step) => (value as never)[step], changed);
        mutation.mutate(slot as Record<string, Json>);
        const expected = `${fault} ${formatPath(mutation.segments)}`;
        const found = validateObject(changed, node).map(words);
        const why = await refusal(target, changed);
        const place = describeKey(target.key);
        if (found.join() !== expected) wrong.push(`${place} ${expected}: found ${found.join()}`);
        if (why === undefined) wrong.push(`${place} ${expected}: the server takes it`);
        // Some rules speak of what holds the field.
        const names = mutation.segments.slice(-2).flatMap((segment) => ('field' in segment ? [segment.field] : []));
        if (why !== undefined && !names.some((name) => why.includes(name)))
          wrong.push(`${place} ${expected}: the server says ${why}`);
      }
      t.diagnostic(
        `seed ${seed}: ${choices.length} of ${new Set(choices.map(({ object }) => object.kind)).size} kinds`,
      );
      assert.deepEqual(wrong, []);
    });
  }
});
