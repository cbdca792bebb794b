import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lastAppliedAnnotation } from '../../../../src/core/apply/lastApplied.ts';
import { readManagedFields } from '../../../../src/core/apply/managedFields.ts';
import { type ServerApplyInput, type ServerApplyResult, serverApply } from '../../../../src/core/apply/serverApply.ts';
import { serverUpdate } from '../../../../src/core/apply/serverUpdate.ts';
import { type JsonObject, fieldAt } from '../../../../src/core/json.ts';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';
import { formatPath } from '../../../../src/core/schema/path.ts';
import {
  type SchemaNode,
  integerNode,
  listNode,
  mapNode,
  metadataNode,
  objectNode,
  stringNode,
  structNode,
} from '../../../../src/core/schema/schemaNode.ts';

const configMap: SchemaNode = {
  ...structNode({ apiVersion: stringNode, kind: stringNode, metadata: metadataNode, data: mapNode(stringNode) }),
  builtIn: true,
};
const spec = structNode(
  {
    replicas: integerNode,
    strategy: { ...structNode({ type: stringNode }), default: {} },
    containers: listNode(structNode({ name: stringNode, image: stringNode }), ['name']),
  },
  { required: ['containers'] },
);
const workload: SchemaNode = {
  ...structNode({
    apiVersion: stringNode,
    kind: stringNode,
    metadata: metadataNode,
    spec: { ...spec, default: {} },
    status: { ...structNode({ ready: integerNode }), default: {} },
  }),
  builtIn: true,
};

const early = '2026-01-01T10:00:00Z';
const late = '2026-01-01T11:00:00Z';

function object(body: JsonObject, metadata: JsonObject = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'd', ...metadata }, ...body };
}

function apply(
  live: KubeObject | undefined,
  config: KubeObject,
  more: Partial<ServerApplyInput> = {},
): ServerApplyResult {
  return serverApply({ live, config, manager: 'm', force: false, node: configMap, now: early, ...more });
}

function applied(live: KubeObject | undefined, config: KubeObject, more: Partial<ServerApplyInput> = {}): KubeObject {
  const outcome = apply(live, config, more);
  assert.ok(outcome.result === 'ok' || outcome.result === 'unchanged', JSON.stringify(outcome));
  return outcome.object;
}

/** Managers as `name/operation[/subresource]@hour: path path`, one a line. */
function owners(of: KubeObject): string[] {
  return (readManagedFields(of) ?? []).map(({ manager, operation, subresource, time, set }) => {
    const who = [manager, operation, ...(subresource === undefined ? [] : [subresource])].join('/');
    const when = time === undefined ? '' : `@${time.slice(11, 13)}`;
    return `${who}${when}: ${[...set.paths()].map(formatPath).join(' ')}`;
  });
}

describe('server-side apply', () => {
  test("metadata that names an object is nobody's (semantics M-15)", () => {
    const live = applied(undefined, object({ data: { a: '1' } }, { labels: { l: 'x' } }));
    assert.deepEqual(owners(live), ['m/Apply@10: data.a metadata.labels.l']);
  });

  test('status is left alone and not owned (semantics M-15)', () => {
    const live = { ...object({ spec: { replicas: 1, containers: [] } }), status: { ready: 1 } };
    const config = { ...object({ spec: { replicas: 2 } }), status: { ready: 9 } };
    const next = applied(live, config, { node: workload, force: true });
    assert.equal(fieldAt(next, 'status', 'ready'), 1);
    assert.equal(fieldAt(next, 'spec', 'replicas'), 2);
    assert.ok(owners(next)[0]?.startsWith('m/Apply@10: spec.replicas'));
  });

  test('an object without owners gets one before its first apply, so nothing is pruned (semantics M-12)', () => {
    const live = object({ data: { a: '1', b: '2' } });
    const outcome = apply(live, object({ data: { a: '9' } }));
    assert.equal(
      outcome.result === 'conflict' && outcome.error,
      'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.a',
    );
    const forced = applied(live, object({ data: { a: '9' } }), { force: true });
    assert.deepEqual(forced['data'], { a: '9', b: '2' });
    assert.deepEqual(owners(forced), ['m/Apply@10: data.a', 'before-first-apply/Update@10: data data.b']);
  });

  test('dropping a field removes it only where no one else owns it (semantics M-10, M-11)', () => {
    const both = applied(undefined, object({ data: { a: '1', b: '2' } }));
    assert.deepEqual(applied(both, object({ data: { a: '1' } }))['data'], { a: '1' });
    const shared = applied(both, object({ data: { b: '2' } }), { manager: 'other' });
    assert.deepEqual(applied(shared, object({ data: { a: '1' } }))['data'], { a: '1', b: '2' });
  });

  test('an apply that changes nothing keeps the time of the entry', () => {
    const live = applied(undefined, object({ data: { a: '1' } }));
    const again = apply(live, object({ data: { a: '1' } }), { now: late });
    assert.deepEqual(again.result === 'unchanged' && owners(again.object), ['m/Apply@10: data.a']);
  });

  test('a second manager with the same value becomes co-owner, without a time', () => {
    const live = applied(undefined, object({ data: { a: '1' } }));
    const next = applied(live, object({ data: { a: '1' } }), { manager: 'n', now: late });
    assert.deepEqual(owners(next), ['n/Apply: data.a', 'm/Apply@10: data.a']);
  });

  test('conflicts name Apply managers without a version, and subresources (semantics M-13)', () => {
    const live = applied(undefined, object({ data: { a: '1', b: '1' } }));
    const outcome = apply(live, object({ data: { a: '2', b: '2' } }), { manager: 'n' });
    assert.ok(outcome.result === 'conflict');
    assert.equal(outcome.error, 'Apply failed with 2 conflicts: conflicts with "m":\n- .data.a\n- .data.b');
    assert.deepEqual(
      outcome.conflicts.map((one) => [one.field, one.message]),
      [
        ['.data.a', 'conflict with "m"'],
        ['.data.b', 'conflict with "m"'],
      ],
    );
    const scaled = serverUpdate({
      live: applied(undefined, object({ spec: { replicas: 1 } }), { node: workload }),
      object: object({ spec: { replicas: 5 } }),
      manager: 'kubectl',
      subresource: 'scale',
      node: workload,
      now: late,
    });
    const back = apply(scaled, object({ spec: { replicas: 1 } }), { node: workload });
    assert.equal(
      back.result === 'conflict' && back.error,
      'Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using v1: .spec.replicas',
    );
  });

  test("a configuration that does not fit is refused with the server's words (semantics N-8, N-12, M-5, M-6)", () => {
    const cases: [JsonObject, string][] = [
      [{ spec: { replica: 1 } }, '.spec.replica: field not declared in schema'],
      [{ spec: { replicas: 'x' } }, '.spec.replicas: expected numeric (int or float), got string'],
      [
        { spec: { containers: [{ name: 'c' }, { name: 'c' }] } },
        '.spec.containers: duplicate entries for key [name="c"]',
      ],
      [
        { spec: { containers: [{ image: 'i' }] } },
        `.spec.containers: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn't have default values for any key fields)`,
      ],
    ];
    for (const [body, error] of cases) {
      const outcome = apply(undefined, object(body), { node: workload });
      assert.ok(outcome.result === 'invalid');
      assert.equal(outcome.code, 500);
      assert.equal(outcome.error, `failed to create typed patch object (d/x; /v1, Kind=ConfigMap): ${error}`);
    }
  });

  test('managedFields may not be sent', () => {
    const outcome = apply(undefined, object({}, { managedFields: [] }));
    assert.ok(outcome.result === 'invalid');
    assert.equal(outcome.code, 400);
    assert.equal(outcome.error, 'metadata.managedFields must be nil');
    assert.equal(apply(undefined, object({}, { managedFields: null })).result, 'ok');
  });

  test('live managedFields that cannot be read are an error', () => {
    const live = object({}, { managedFields: [{ manager: 'm', operation: 'Guess' }] });
    const outcome = apply(live, object({}));
    assert.equal(outcome.result === 'invalid' && outcome.error, 'failed to decode managed fields');
  });

  test('entries of versions that are served no longer are dropped (semantics M-14)', () => {
    const live = applied(undefined, object({ data: { a: '1' } }));
    const outcome = apply(live, object({ data: { a: '2' } }), {
      manager: 'n',
      isServed: (version) => version !== 'v1',
    });
    assert.equal(outcome.result, 'conflict', 'the object has no owners left, so before-first-apply owns it');
  });

  test('what has become atomic is owned as a whole (semantics M-17)', () => {
    const granular = structNode({ metadata: metadataNode, sel: mapNode(stringNode) }, { values: stringNode });
    const atomic = structNode(
      { metadata: metadataNode, sel: { map: { values: stringNode, relationship: 'atomic' } } },
      { values: stringNode },
    );
    const live = applied(undefined, object({ sel: { a: '1', b: '2' } }), { node: granular });
    assert.deepEqual(owners(live), ['m/Apply@10: sel.a sel.b']);
    const next = applied(live, object({ sel: { a: '1', b: '2' } }), { node: atomic, manager: 'n' });
    assert.deepEqual(owners(next).sort(), ['m/Apply@10: sel', 'n/Apply: sel']);
  });

  test('a manager named kubectl takes over what client-side apply set and nobody changed since (semantics M-16)', () => {
    const config = object({ data: { a: '1', b: '1' } }, { annotations: {} });
    const annotation = `${JSON.stringify(config)}\n`;
    const client = serverUpdate({
      object: object({ data: { a: '1', b: '1' } }, { annotations: { [lastAppliedAnnotation]: annotation } }),
      manager: 'kubectl-client-side-apply',
      node: configMap,
      now: early,
    });
    const next = object({ data: { a: '2', b: '1' } });
    assert.equal(apply(client, next, { manager: 'm' }).result, 'conflict');
    const taken = applied(client, next, { manager: 'kubectl', now: late });
    assert.deepEqual(taken['data'], { a: '2', b: '1' });
    assert.equal(
      fieldAt(taken, 'metadata', 'annotations', lastAppliedAnnotation),
      '{"apiVersion":"v1","data":{"a":"2","b":"1"},"kind":"ConfigMap","metadata":{"name":"x","namespace":"d"}}\n',
    );
    const edited = serverUpdate({
      live: client,
      object: { ...client, data: { a: 'edited', b: '1' } },
      manager: 'kubectl-edit',
      node: configMap,
      now: late,
    });
    assert.equal(apply(edited, next, { manager: 'kubectl' }).result, 'conflict');
  });

  test('creation times of null in the configuration are noise (semantics N-1)', () => {
    const live = object({ data: { a: '1' } }, { creationTimestamp: early });
    const next = applied(live, object({ data: { a: '1' } }, { creationTimestamp: null }));
    assert.equal(fieldAt(next, 'metadata', 'creationTimestamp'), early);
  });
});

describe('updates', () => {
  const update = (live: KubeObject | undefined, next: KubeObject, manager: string, now = early): KubeObject =>
    serverUpdate({ live, object: next, manager, node: configMap, now });

  test('a create owns everything, of a Go type without the structs that are always there', () => {
    const created = serverUpdate({
      object: object({ spec: { replicas: 1, strategy: { type: 'R' }, containers: [{ name: 'c', image: 'i' }] } }),
      manager: 'kubectl-create',
      node: workload,
      now: early,
    });
    assert.deepEqual(owners(created), [
      'kubectl-create/Update@10: spec.containers[name=c] spec.containers[name=c].image spec.containers[name=c].name spec.replicas spec.strategy.type',
    ]);
    const custom = serverUpdate({ object: object({ spec: { a: 1 } }), manager: 'k', node: objectNode(), now: early });
    assert.deepEqual(owners(custom), ['k/Update@10: spec spec.a']);
  });

  test('an updater takes what it changes and keeps what it had', () => {
    const created = update(undefined, object({ data: { a: '1', b: '1' } }), 'm');
    const edited = update(created, object({ data: { a: '2', b: '1' } }), 'edit', late);
    assert.deepEqual(owners(edited), ['m/Update@10: data data.b', 'edit/Update@11: data.a']);
    const removed = update(edited, object({ data: { b: '1' } }), 'm', late);
    assert.deepEqual(owners(removed), ['m/Update@10: data data.b'], 'a removal leaves neither manager nor time');
  });

  test('an object without owners is not tracked until its first apply (semantics M-12)', () => {
    const next = update(object({ data: { a: '1' } }), object({ data: { a: '2' } }), 'm');
    assert.deepEqual(owners(next), []);
  });

  test('sent managedFields count; an empty list clears them, unreadable ones are ignored', () => {
    const created = update(undefined, object({ data: { a: '1' } }), 'm');
    assert.deepEqual(owners(update(created, object({ data: { a: '1' } }, { managedFields: [] }), 'n')), []);
    assert.deepEqual(owners(update(created, object({ data: { a: '1' } }, { managedFields: [{}] }), 'n')), []);
    const unreadable = object({ data: { a: '1' } }, { managedFields: [{ operation: 'x' }] });
    assert.deepEqual(owners(update(created, unreadable, 'n')), ['m/Update@10: data data.a']);
  });

  test('more than ten updaters become ancient-changes (semantics M-16)', () => {
    let live = update(undefined, object({ data: { k0: '0' } }), 'm0');
    for (let index = 1; index < 15; index++) {
      const now = `2026-01-01T12:00:${String(index).padStart(2, '0')}Z`;
      const data = { ...(live['data'] as JsonObject), [`k${index}`]: '1' };
      live = update(live, object({ data }), `m${index}`, now);
    }
    const names = (readManagedFields(live) ?? []).map((entry) => entry.manager);
    assert.deepEqual(names, ['ancient-changes', 'm6', 'm7', 'm8', 'm9', 'm10', 'm11', 'm12', 'm13', 'm14']);
    assert.match(owners(live)[0] ?? '', /data\.k0 data\.k1 data\.k2 data\.k3 data\.k4 data\.k5$/);
  });
});
