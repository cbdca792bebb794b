import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StatusError, type StatusReason } from '../../../../src/core/cluster/statusError.ts';
import { startWatch } from '../../../../src/core/cluster/watching.ts';
import { fieldAt, listAt, stringAt } from '../../../../src/core/json.ts';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';
import { testCluster } from './testCluster.ts';

function configMap(name: string, data: Record<string, string> = { a: '1' }): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}

function refuses(reason: StatusReason, text: string | RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(StatusError.is(error, reason), `expected ${reason}, got ${String(error)}`);
    if (typeof text === 'string') assert.equal(error.message, text);
    else assert.match(error.message, text);
    return true;
  };
}

describe('writing', () => {
  const { cluster, kind } = testCluster();
  const configMaps = kind('/configmaps');

  test('a create names the object, its place and its time; a second one is refused', () => {
    const { object, created } = cluster.create(configMaps, 'default', configMap('one'), { fieldManager: 'me' });
    assert.equal(created, true);
    assert.equal(stringAt(object, 'metadata', 'namespace'), 'default');
    assert.equal(stringAt(object, 'metadata', 'creationTimestamp'), '2026-01-02T03:04:05Z');
    assert.match(stringAt(object, 'metadata', 'uid') ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/);
    assert.throws(
      () => cluster.create(configMaps, 'default', configMap('one')),
      refuses('AlreadyExists', 'configmaps "one" already exists'),
    );
  });

  test('generateName gets five random characters', () => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'job-' } };
    const { object } = cluster.create(configMaps, 'default', body);
    assert.match(stringAt(object, 'metadata', 'name') ?? '', /^job-[a-z0-9]{5}$/);
  });

  test('a missing namespace is named, also in a dry run; a foreign one in the body is refused', () => {
    const missing = refuses('NotFound', 'namespaces "nope" not found');
    assert.throws(() => cluster.create(configMaps, 'nope', configMap('x'), { dryRun: true }), missing);
    assert.throws(() => cluster.apply(configMaps, 'nope', 'x', configMap('x'), { fieldManager: 'm' }), missing);
    const foreign = { ...configMap('x'), metadata: { name: 'x', namespace: 'kube-system' } };
    assert.throws(
      () => cluster.create(configMaps, 'default', foreign),
      refuses('BadRequest', /namespace of the provided object does not match/),
    );
  });

  test('a dry run answers what would be and stores nothing', () => {
    const before = cluster.store.resourceVersion;
    const { object } = cluster.create(configMaps, 'default', configMap('dry'), { dryRun: true });
    assert.equal(object.metadata['resourceVersion'], undefined);
    assert.equal(cluster.store.resourceVersion, before);
    assert.equal(cluster.find(configMaps, 'default', 'dry'), undefined);
  });

  test('an update of an older version is refused, one that changes nothing is not stored', () => {
    const live = cluster.get(configMaps, 'default', 'one');
    const same = cluster.update(configMaps, 'default', 'one', live, { fieldManager: 'other' });
    assert.equal(same.object.metadata['resourceVersion'], live.metadata['resourceVersion']);
    cluster.patch(configMaps, 'default', 'one', { data: { b: '2' } }, { type: 'merge', fieldManager: 'other' });
    assert.throws(
      () => cluster.update(configMaps, 'default', 'one', live),
      refuses('Conflict', /^Operation cannot be fulfilled on configmaps "one": the object has been modified/),
    );
  });

  test('patches of all three sorts, with the owner recorded', () => {
    cluster.patch(configMaps, 'default', 'one', [{ op: 'add', path: '/data/c', value: '3' }], {
      type: 'json',
      fieldManager: 'p',
    });
    const { object } = cluster.patch(
      configMaps,
      'default',
      'one',
      { data: { a: null } },
      { type: 'strategic', fieldManager: 'p' },
    );
    assert.deepEqual(object['data'], { b: '2', c: '3' });
    assert.ok(listAt(object, 'metadata', 'managedFields').some((entry) => stringAt(entry, 'manager') === 'p'));
    const bad = [{ op: 'remove', path: '/data/nope' }];
    assert.throws(
      () => cluster.patch(configMaps, 'default', 'one', bad, { type: 'json' }),
      refuses('Invalid', /rejected our request/),
    );
  });

  test('an unknown field is told, refused or dropped, as the request says', () => {
    const body = { ...configMap('odd'), dat: {} };
    const warned = cluster.create(configMaps, 'default', body, { dryRun: true });
    assert.deepEqual(warned.warnings, ['unknown field "dat"']);
    assert.equal(warned.object['dat'], undefined);
    assert.deepEqual(cluster.create(configMaps, 'default', body, { dryRun: true, validation: 'Ignore' }).warnings, []);
    assert.throws(
      () => cluster.create(configMaps, 'default', body, { validation: 'Strict' }),
      refuses(
        'BadRequest',
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "dat"',
      ),
    );
  });

  test('a key named __proto__ does not get in', () => {
    const body = JSON.parse(
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"p"},"data":{"__proto__":"x","a":"1"}}',
    ) as KubeObject;
    const { object } = cluster.create(configMaps, 'default', body, { dryRun: true });
    assert.deepEqual(Object.keys(object['data'] as object), ['a']);
  });
});

describe('server-side apply', () => {
  const { cluster, kind } = testCluster();
  const configMaps = kind('/configmaps');
  const apply = (name: string, data: Record<string, string>, manager: string, force = false) =>
    cluster.apply(configMaps, 'default', name, configMap(name, data), { fieldManager: manager, force });

  test('creates, then keeps to what it owns (semantics M-10, M-13)', () => {
    assert.equal(apply('a', { x: '1', y: '1' }, 'm1').created, true);
    assert.throws(
      () => apply('a', { x: '2' }, 'm2'),
      (error) => {
        assert.ok(StatusError.is(error, 'Conflict'));
        assert.equal(error.message, 'Apply failed with 1 conflict: conflict with "m1": .data.x');
        const causes = [{ reason: 'FieldManagerConflict', message: 'conflict with "m1"', field: '.data.x' }];
        assert.deepEqual(error.details, { causes });
        return true;
      },
    );
    assert.deepEqual(apply('a', { x: '2' }, 'm2', true).object['data'], { x: '2', y: '1' });
    assert.deepEqual(apply('a', {}, 'm1').object['data'], { x: '2' }, 'what another owns stays');
  });

  test('the same apply again changes nothing, not even the version', () => {
    const first = apply('b', { x: '1' }, 'm1').object;
    assert.equal(apply('b', { x: '1' }, 'm1').object, first);
  });

  test('an old resourceVersion is refused, one of an object that does not exist is ignored (semantics K-1)', () => {
    const stale = { ...configMap('b'), metadata: { name: 'b', resourceVersion: '1' } };
    assert.throws(
      () => cluster.apply(configMaps, 'default', 'b', stale, { fieldManager: 'm' }),
      refuses('Conflict', /has been modified/),
    );
    const absent = { ...configMap('new'), metadata: { name: 'new', resourceVersion: '1' } };
    assert.equal(cluster.apply(configMaps, 'default', 'new', absent, { fieldManager: 'm' }).created, true);
  });

  test('a body without manager, of another kind, without or with another name (semantics K-1)', () => {
    const attempt = (body: KubeObject, fieldManager: string) => () =>
      cluster.apply(configMaps, 'default', 'z', body, { fieldManager });
    assert.throws(
      attempt(configMap('z'), ''),
      refuses(
        'Invalid',
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      ),
    );
    assert.throws(attempt({ ...configMap('z'), kind: 'Secret' }, 'm'), refuses('BadRequest', 'invalid object type'));
    assert.throws(attempt({ ...configMap('z'), metadata: {} }, 'm'), refuses('BadRequest', 'name must be provided'));
    assert.throws(
      attempt(configMap('y'), 'm'),
      refuses('BadRequest', 'the name of the object (y) does not match the name on the URL (z)'),
    );
  });
});

describe('subresources', () => {
  const { cluster, kind, apply } = testCluster([]);
  const deployments = kind('apps/deployments');
  apply(`{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {selector: {matchLabels: {a: b}},
    template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}}`);

  test('status changes status alone, the object itself anything else', () => {
    const live = cluster.get(deployments, 'default', 'web');
    const request = { type: 'merge', fieldManager: 'controller' } as const;
    const both = { spec: { replicas: 9 }, status: { replicas: 2 } };
    const status = cluster.patch(deployments, 'default', 'web', both, { ...request, subresource: 'status' }).object;
    assert.deepEqual([fieldAt(status, 'spec', 'replicas'), fieldAt(status, 'status', 'replicas')], [1, 2]);
    assert.equal(status.metadata['generation'], live.metadata['generation']);
    const spec = cluster.patch(
      deployments,
      'default',
      'web',
      { spec: { replicas: 3 }, status: { replicas: 7 } },
      request,
    ).object;
    assert.deepEqual([fieldAt(spec, 'spec', 'replicas'), fieldAt(spec, 'status', 'replicas')], [3, 2]);
    assert.equal(spec.metadata['generation'], 2);
  });
});

describe('watching', () => {
  const { cluster, kind } = testCluster([]);
  const configMaps = kind('/configmaps');

  test('goes on from a version, and sees objects come into and fall out of its selector', () => {
    cluster.create(configMaps, 'default', configMap('w'));
    const start = String(cluster.store.resourceVersion);
    const label = (value: string | null) =>
      cluster.patch(configMaps, 'default', 'w', { metadata: { labels: { app: value } } }, { type: 'merge' });
    label('web');
    const watch = startWatch(cluster, configMaps, { labelSelector: 'app=web' }, { resourceVersion: start });
    assert.deepEqual(
      watch.initial.map(({ type }) => type),
      ['ADDED'],
    );
    const seen: string[] = [];
    const subscription = watch.follow(({ type, object }) =>
      seen.push(`${type} ${String(object.metadata['resourceVersion'] !== undefined)}`),
    );
    cluster.patch(configMaps, 'default', 'w', { data: { z: '1' } }, { type: 'merge' });
    label(null);
    label('web');
    cluster.delete(configMaps, 'default', 'w');
    subscription.dispose();
    cluster.create(configMaps, 'default', configMap('later'));
    assert.deepEqual(seen, ['MODIFIED true', 'DELETED true', 'ADDED true', 'DELETED true']);
  });

  test('a version that is forgotten is answered with 410', () => {
    const old = cluster.fork();
    assert.throws(
      () => startWatch(old, configMaps, {}, { resourceVersion: '1' }),
      refuses('Expired', /^too old resource version: 1 \(\d+\)$/),
    );
  });
});

describe('lists', () => {
  const { cluster, kind } = testCluster([]);
  const configMaps = kind('/configmaps');
  for (let index = 0; index < 7; index++) cluster.create(configMaps, 'default', configMap(`c${index}`));

  test('come in chunks that together are all, each once', () => {
    const names: string[] = [];
    const remaining: (number | undefined)[] = [];
    let token: string | undefined = '';
    while (token !== undefined) {
      const answer = cluster.list(configMaps, { limit: 3, continue: token });
      names.push(...answer.objects.map((object) => stringAt(object, 'metadata', 'name') ?? ''));
      remaining.push(answer.remaining);
      token = answer.continue;
    }
    assert.deepEqual(names, ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6']);
    assert.deepEqual(remaining, [4, 1, undefined]);
  });

  test('a token that is none is refused', () => {
    assert.throws(
      () => cluster.list(configMaps, { continue: '%%%' }),
      refuses('BadRequest', /continue key is not valid/),
    );
  });
});

test('a fork goes its own way', () => {
  const { cluster, kind } = testCluster([]);
  const configMaps = kind('/configmaps');
  cluster.create(configMaps, 'default', configMap('shared'));
  const fork = cluster.fork();
  fork.delete(configMaps, 'default', 'shared');
  assert.notEqual(cluster.find(configMaps, 'default', 'shared'), undefined);
  assert.equal(fork.find(configMaps, 'default', 'shared'), undefined);
});
