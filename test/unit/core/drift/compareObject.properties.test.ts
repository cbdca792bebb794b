import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { withLastApplied } from '../../../../src/core/apply/lastApplied.ts';
import { serverUpdate } from '../../../../src/core/apply/serverUpdate.ts';
import { type CompareInput, type ObjectComparison, compareObject } from '../../../../src/core/drift/compareObject.ts';
import { detectApplier } from '../../../../src/core/drift/detectApplier.ts';
import { type Json, type JsonObject, isJsonObject } from '../../../../src/core/json.ts';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';
import { objectNode } from '../../../../src/core/schema/schemaNode.ts';

const node = objectNode();
const key = fc.constantFrom('a', 'b', 'c', 'limits', 'value', 'constructor');
const scalar = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom('', 'x', '1', '100m'),
  fc.boolean(),
  fc.constant(null),
);
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
}));
const body = fc.dictionary(key, value, { maxKeys: 4, noNullPrototype: true });
const kind = fc.constantFrom(['apps/v1', 'Deployment'], ['example.com/v1', 'Widget'], ['v1', 'ConfigMap']);

function objectOf([apiVersion = '', name = '']: readonly string[], spec: JsonObject): KubeObject {
  return { apiVersion, kind: name, metadata: { name: 'x', namespace: 'd' }, spec };
}

function compare(desired: KubeObject, live: KubeObject, more: Partial<CompareInput> = {}): ObjectComparison {
  return compareObject({
    desired,
    live,
    node,
    applier: detectApplier(live, 'direct'),
    engine: 'direct',
    engineBehaviour: { takesOverKubectlEdits: false, selfHeal: false, suspended: false },
    hasInventory: false,
    secrets: 'compare',
    ...more,
  });
}

function applied(object: KubeObject): KubeObject {
  const now = '2026-01-01T10:00:00Z';
  return serverUpdate({ object: withLastApplied(object), manager: 'kubectl-client-side-apply', node, now });
}

function reversed(found: Json): Json {
  if (Array.isArray(found)) return found.map(reversed);
  if (!isJsonObject(found)) return found;
  return Object.fromEntries(
    Object.entries(found)
      .toReversed()
      .map(([name, item]) => [name, reversed(item)]),
  );
}

describe('properties of compareObject', () => {
  test('what was just applied has no finding', () => {
    fc.assert(
      fc.property(kind, body, (gvk, spec) => {
        const object = objectOf(gvk, spec);
        assert.deepEqual(compare(object, applied(object)), { status: 'synced', changes: [], ignored: 0 });
      }),
    );
  });

  test('the order of keys means nothing', () => {
    fc.assert(
      fc.property(kind, body, body, (gvk, git, cluster) => {
        const [desired, live] = [objectOf(gvk, git), applied(objectOf(gvk, cluster))];
        assert.deepEqual(
          compare(reversed(desired) as KubeObject, reversed(live) as KubeObject),
          compare(desired, live),
        );
      }),
    );
  });

  test('no finding without a difference, and none that only says that a value is itself', () => {
    fc.assert(
      fc.property(kind, body, body, body, (gvk, git, before, cluster) => {
        const live = serverUpdate({
          live: applied(objectOf(gvk, before)),
          object: { ...applied(objectOf(gvk, before)), spec: cluster },
          manager: 'kubectl-edit',
          node,
          now: '2026-01-01T11:00:00Z',
        });
        for (const change of compare(objectOf(gvk, git), live).changes) {
          assert.ok('desired' in change || 'live' in change);
          assert.notDeepEqual(change.desired, change.live);
          assert.equal(change.op, !('desired' in change) ? 'added' : !('live' in change) ? 'removed' : 'changed');
        }
      }),
    );
  });

  test('an edit of any declared field is found', () => {
    const text = fc.string({ minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.dictionary(text, text, { minKeys: 1, noNullPrototype: true }), fc.nat(), (data, pick) => {
        const keys = Object.keys(data).filter((name) => name !== '__proto__');
        fc.pre(keys.length > 0);
        const name = keys[pick % keys.length] ?? '';
        const object: KubeObject = { ...objectOf(['v1', 'ConfigMap'], {}), data };
        const before = applied(object);
        const edited: KubeObject = { ...before, data: { ...data, [name]: `${data[name] ?? ''}!` } };
        const live = serverUpdate({
          live: before,
          object: edited,
          manager: 'kubectl-edit',
          node,
          now: '2026-01-01T11:00:00Z',
        });
        const result = compare(object, live);
        assert.equal(result.status, 'drifted');
        assert.deepEqual(
          result.changes.map((change) => [change.segments, change.cause]),
          [[[{ field: 'data' }, { field: name }], 'edit']],
        );
      }),
    );
  });
});
