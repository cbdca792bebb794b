import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ObjectStore, type StoreChange } from '../../../../src/core/cluster/objectStore.ts';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';

function configMap(name: string, namespace = 'web'): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } };
}

describe('ObjectStore', () => {
  test('each change has a higher version than all before it, and is told with what was before', () => {
    const store = new ObjectStore();
    const changes: StoreChange[] = [];
    store.onChange((change) => changes.push(change));
    store.put('/configmaps', configMap('a'));
    store.put('/secrets', configMap('a'));
    store.put('/configmaps', configMap('a'));
    store.remove('/configmaps', 'web', 'a');
    assert.deepEqual(
      changes.map(({ type, resourceVersion, previous }) => [
        type,
        resourceVersion,
        previous?.metadata['resourceVersion'],
      ]),
      [
        ['ADDED', 2, undefined],
        ['ADDED', 3, undefined],
        ['MODIFIED', 4, '2'],
        ['DELETED', 5, '4'],
      ],
    );
    assert.equal(
      changes[3]?.object.metadata['resourceVersion'],
      '5',
      'a deleted object carries the version of its end',
    );
  });

  test('lists by namespace and name, not by age', () => {
    const store = new ObjectStore();
    for (const [name, namespace] of [
      ['b', 'web'],
      ['z', 'api'],
      ['a', 'web'],
    ] as const) {
      store.put('/configmaps', configMap(name, namespace));
    }
    assert.deepEqual(
      store.list('/configmaps').map((object) => object.metadata['name']),
      ['z', 'a', 'b'],
    );
    assert.deepEqual(
      store.list('/configmaps', 'web').map((object) => object.metadata['name']),
      ['a', 'b'],
    );
  });

  test('knows the changes of a kind since a version, until it forgets them', () => {
    const store = new ObjectStore();
    store.put('/configmaps', configMap('a'));
    const start = store.resourceVersion;
    store.put('/secrets', configMap('s'));
    store.put('/configmaps', configMap('b'));
    assert.deepEqual(
      store.changesSince(start, '/configmaps')?.map(({ object }) => object.metadata['name']),
      ['b'],
    );
    for (let count = 0; count < 10_000; count++) store.put('/configmaps', configMap('b'));
    assert.equal(store.changesSince(start, '/configmaps'), undefined);
    assert.deepEqual(store.changesSince(store.resourceVersion, '/configmaps'), []);
  });

  test('a loaded store goes on from the version of its snapshot and knows nothing before it', () => {
    const store = new ObjectStore();
    store.put('/configmaps', configMap('a'));
    const copy = new ObjectStore();
    copy.load(store.snapshot());
    assert.equal(copy.resourceVersion, store.resourceVersion);
    copy.put('/configmaps', configMap('b'));
    assert.equal(store.count('/configmaps'), 1, 'the original is its own');
    assert.equal(copy.changesSince(1, '/configmaps'), undefined);
  });
});
