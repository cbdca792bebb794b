import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldAt, listAt, stringAt } from '../../../src/core/json.ts';
import { type KubeObject, nameOf } from '../../../src/core/kube/objectKey.ts';
import { ClusterError } from '../../../src/ports/clusterError.ts';
import { type ContractScope, configMap, isReason, manager } from './contractScope.ts';

/** How objects are created, patched, applied and deleted, for real and in a dry run. */
export function writeContract(scope: () => ContractScope): void {
  test('creates, reads, patches and deletes', async () => {
    const { cluster, configMaps, get } = scope();
    const created = await cluster.create(configMaps, configMap('crud', { a: '1', b: '2' }), manager);
    assert.equal(typeof created.metadata['uid'], 'string');
    assert.deepEqual((await get('crud'))?.['data'], { a: '1', b: '2' });

    const merged = await cluster.patch(
      configMaps,
      'contract',
      'crud',
      { data: { a: '3', b: null } },
      { type: 'merge' },
    );
    assert.deepEqual(merged['data'], { a: '3' });
    const operations = [{ op: 'replace', path: '/data/a', value: '4' }];
    await cluster.patch(configMaps, 'contract', 'crud', operations, { type: 'json' });
    const labels = { metadata: { labels: { tier: 'web' } } };
    const strategic = await cluster.patch(configMaps, 'contract', 'crud', labels, { type: 'strategic' });
    assert.deepEqual(strategic['data'], { a: '4' });
    assert.deepEqual(strategic.metadata['labels'], { tier: 'web' });

    const deleted = await cluster.delete(configMaps, 'contract', 'crud');
    assert.equal(deleted === undefined ? undefined : nameOf(deleted), 'crud');
    assert.equal(await get('crud'), undefined);
    assert.equal(await cluster.delete(configMaps, 'contract', 'crud'), undefined);
  });

  test('refuses to create what exists, and names that are none', async () => {
    const { cluster, configMaps } = scope();
    await cluster.create(configMaps, configMap('twice', {}));
    await assert.rejects(cluster.create(configMaps, configMap('twice', {})), isReason('already-exists', /twice/));
    await assert.rejects(cluster.create(configMaps, configMap('Not_A_Name', {})), isReason('invalid', /Not_A_Name/));
    await assert.rejects(cluster.get(configMaps, 'contract', '../../nodes'), isReason('bad-request'));
    await assert.rejects(cluster.get(configMaps, '', 'twice'), isReason('bad-request', /no namespace/));
  });

  test('applies: creates, changes, names the owner of a field on conflict, and takes it by force', async () => {
    const { cluster, configMaps } = scope();
    const first = await cluster.apply(configMaps, configMap('applied', { x: '1' }), { fieldManager: 'one' });
    assert.equal(typeof first.metadata['uid'], 'string');
    // An object that was read is applied again as it is: managedFields are not sent.
    await cluster.apply(
      configMaps,
      { ...configMap('applied', { x: '2' }), metadata: { ...configMap('applied', {}).metadata, managedFields: [] } },
      { fieldManager: 'one' },
    );
    await assert.rejects(
      cluster.apply(configMaps, configMap('applied', { x: '3' }), { fieldManager: 'two' }),
      (error) => {
        assert.ok(ClusterError.is(error, 'conflict'), String(error));
        assert.equal(error.status, 409);
        assert.deepEqual(
          error.conflicts.map(({ manager: owner, field }) => ({ owner, field })),
          [{ owner: 'one', field: '.data.x' }],
        );
        return true;
      },
    );
    const forced = await cluster.apply(configMaps, configMap('applied', { x: '3' }), {
      fieldManager: 'two',
      force: true,
    });
    assert.deepEqual(forced['data'], { x: '3' });
    const managers = listAt(forced, 'metadata', 'managedFields').map((entry) => fieldAt(entry, 'manager'));
    assert.ok(managers.includes('two'));
  });

  test('a dry run answers what would be and leaves nothing', async () => {
    const { cluster, configMaps, get } = scope();
    const applied = await cluster.apply(configMaps, configMap('dry', { x: '1' }), { ...manager, dryRun: true });
    assert.deepEqual(applied['data'], { x: '1' });
    await cluster.create(configMaps, configMap('dry', { x: '1' }), { dryRun: true });
    assert.equal(await get('dry'), undefined);

    const before_ = await cluster.create(configMaps, configMap('dry', { x: '1' }));
    const patched = await cluster.patch(
      configMaps,
      'contract',
      'dry',
      { data: { x: '2' } },
      { type: 'merge', dryRun: true },
    );
    assert.deepEqual(patched['data'], { x: '2' });
    await cluster.delete(configMaps, 'contract', 'dry', { dryRun: true });
    assert.equal((await get('dry'))?.metadata['resourceVersion'], before_.metadata['resourceVersion']);
  });

  test('a missing namespace is named, also by a dry run', async () => {
    const { cluster, configMaps } = scope();
    const lost: KubeObject = { ...configMap('lost', {}), metadata: { name: 'lost', namespace: 'nowhere' } };
    for (const dryRun of [true, false]) {
      await assert.rejects(cluster.apply(configMaps, lost, { ...manager, dryRun }), isReason('not-found', /nowhere/));
    }
    assert.equal(await cluster.get(configMaps, 'nowhere', 'lost'), undefined);
  });

  test('deletes only the incarnation that was meant', async () => {
    const { cluster, configMaps, get } = scope();
    const created = await cluster.create(configMaps, configMap('incarnation', {}));
    const uid = '00000000-0000-4000-8000-000000000000';
    await assert.rejects(cluster.delete(configMaps, 'contract', 'incarnation', { uid }), isReason('conflict'));
    assert.notEqual(await get('incarnation'), undefined);
    await cluster.delete(configMaps, 'contract', 'incarnation', { uid: stringAt(created, 'metadata', 'uid') ?? '' });
    assert.equal(await get('incarnation'), undefined);
  });
}
