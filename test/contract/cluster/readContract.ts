import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldAt, listAt, stringAt } from '../../../src/core/json.ts';
import { type KubeObject, nameOf } from '../../../src/core/kube/objectKey.ts';
import type { ApiResource, Cluster, WatchEvent } from '../../../src/ports/cluster.ts';
import { until } from '../../rig/cluster/until.ts';
import { type ContractScope, configMap, isReason, manager } from './contractScope.ts';

interface Recorded {
  events: WatchEvent[];
  /** What a view that heard all events shows: resourceVersions by name. */
  shown: ReadonlyMap<string, KubeObject>;
  waitFor(what: string, condition: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

/** How objects are listed and watched, and what may not be read. */
export function readContract(scope: () => ContractScope): void {
  test('lists by namespace and label, with kind and managedFields', async () => {
    const { cluster, configMaps } = scope();
    await cluster.create(configMaps, configMap('listed-a', {}, { list: 'yes' }), manager);
    await cluster.create(configMaps, configMap('listed-b', { held: 'back' }, { list: 'no' }), manager);
    const other = {
      ...configMap('listed-c', {}),
      metadata: { name: 'listed-c', namespace: 'default', labels: { list: 'yes' } },
    };
    await cluster.create(configMaps, other, manager);

    const here = await cluster.list(configMaps, { namespace: 'contract', labelSelector: 'list=yes' });
    assert.deepEqual(here.objects.map(nameOf), ['listed-a']);
    assert.deepEqual([here.objects[0]?.kind, here.objects[0]?.apiVersion], ['ConfigMap', 'v1']);
    assert.equal(typeof fieldAt(here.objects[0], 'metadata', 'managedFields'), 'object');
    assert.match(here.resourceVersion, /^\d+$/);
    const everywhere = await cluster.list(configMaps, { labelSelector: 'list=yes' });
    assert.deepEqual(everywhere.objects.map(nameOf).sort(), ['listed-a', 'listed-c']);

    const compact = await cluster.list(configMaps, { labelSelector: 'list=no', compactManagedFields: true });
    const [entry] = listAt(compact.objects[0], 'metadata', 'managedFields');
    assert.match(stringAt(entry, 'fieldsV1') ?? '', /"f:metadata"/);

    const bare = await cluster.list(configMaps, { labelSelector: 'list=no', metadataOnly: true });
    assert.deepEqual(Object.keys(bare.objects[0] ?? {}).sort(), ['apiVersion', 'kind', 'metadata']);
    assert.deepEqual([bare.objects[0]?.kind, bare.objects[0]?.apiVersion], ['ConfigMap', 'v1']);
    assert.equal(fieldAt(bare.objects[0], 'metadata', 'labels', 'list'), 'no');

    const wants = (object: KubeObject): boolean => nameOf(object) === 'listed-c';
    const wanted = await cluster.list(configMaps, { labelSelector: 'list=yes', wants });
    assert.deepEqual(wanted.objects.map(nameOf), ['listed-c']);
  });

  test('lists more than one chunk: all objects, each once', async () => {
    const { cluster, configMaps } = scope();
    const names = Array.from({ length: 620 }, (_, index) => `many-${String(index).padStart(3, '0')}`);
    for (let start = 0; start < names.length; start += 20) {
      const some = names.slice(start, start + 20);
      await Promise.all(some.map((each) => cluster.create(configMaps, configMap(each, {}, { many: 'yes' }))));
    }
    const listed = await cluster.list(configMaps, { namespace: 'contract', labelSelector: 'many=yes' });
    assert.deepEqual(listed.objects.map(nameOf).sort(), names);
    for (const labelSelector of ['many=yes', undefined]) {
      const selected = { namespace: 'contract', ...(labelSelector === undefined ? {} : { labelSelector }) };
      for (const atMost of [10, 500, 610]) {
        const refused = await cluster.list(configMaps, { ...selected, atMost });
        assert.deepEqual([refused.objects, refused.isTooLong], [[], true], `${atMost} of ${labelSelector ?? 'all'}`);
      }
      const given = await cluster.list(configMaps, { ...selected, atMost: 700 });
      assert.ok(given.objects.length >= names.length && given.isTooLong === undefined);
    }
  });

  test('watches: what is there, then what is added, modified and deleted, in order', async () => {
    const { cluster, configMaps } = scope();
    await cluster.create(configMaps, configMap('watched-0', { n: '0' }, { watched: 'yes' }));
    const watch = record(cluster, configMaps, 'watched=yes');
    await watch.waitFor('the first list', () => watch.events.length > 0);
    assert.deepEqual([...watch.shown.keys()], ['watched-0']);
    await cluster.create(configMaps, configMap('watched-1', { n: '1' }, { watched: 'yes' }));
    await cluster.create(configMaps, configMap('unseen', {}));
    await cluster.patch(configMaps, 'contract', 'watched-1', { data: { n: '2' } }, { type: 'merge' });
    // Leaving the selector is leaving the watcher's sight.
    await cluster.patch(configMaps, 'contract', 'watched-0', { metadata: { labels: null } }, { type: 'merge' });
    await cluster.delete(configMaps, 'contract', 'watched-1');
    await watch.waitFor('five events', () => watch.events.length >= 5);
    assert.deepEqual(
      watch.events.map((event) => ('object' in event ? `${event.type} ${nameOf(event.object)}` : event.type)),
      ['listed', 'added watched-1', 'modified watched-1', 'deleted watched-0', 'deleted watched-1'],
    );
    await watch.stop();
  });

  test('a watch goes on after its connections broke, and nothing is lost', async (t) => {
    const { cluster, configMaps, interrupt } = scope();
    if (interrupt === undefined) {
      t.skip('connections to this cluster cannot be broken from here');
      return;
    }
    const watch = record(cluster, configMaps, 'resumed=yes');
    await watch.waitFor('the first list', () => watch.events.length > 0);
    await cluster.create(configMaps, configMap('resumed-1', {}, { resumed: 'yes' }));
    await watch.waitFor('the first object', () => watch.shown.has('resumed-1'));
    await interrupt();
    await cluster.create(configMaps, configMap('resumed-2', {}, { resumed: 'yes' }));
    await cluster.delete(configMaps, 'contract', 'resumed-1');
    await watch.waitFor('what happened since', () => watch.shown.has('resumed-2') && !watch.shown.has('resumed-1'));
    const added = watch.events.filter((event) => event.type === 'added').length;
    const listed = watch.events.filter((event) => event.type === 'listed').length;
    assert.ok(added + listed <= 4, 'no storm of events');
    await watch.stop();
  });

  test('what may not be read is an error that names kind and namespace, and costs that kind only', async (t) => {
    const { configMaps, limited } = scope();
    if (limited === undefined) {
      t.skip('this cluster has no user with fewer rights');
      return;
    }
    await assert.rejects(
      limited.list(configMaps, { namespace: 'contract' }),
      isReason('forbidden', /ConfigMaps in contract/),
    );
    await assert.rejects(limited.get(configMaps, 'contract', 'any'), isReason('forbidden'));
    await assert.rejects(
      limited.watch(configMaps, { namespace: 'contract' }, () => {}),
      isReason('forbidden'),
    );
    const dry = limited.apply(
      configMaps,
      { ...configMap('x', {}), metadata: { name: 'x', namespace: 'team' } },
      { ...manager, dryRun: true },
    );
    await assert.rejects(dry, isReason('forbidden', /apply ConfigMaps in team/));
    assert.ok(Array.isArray((await limited.list(configMaps, { namespace: 'team' })).objects));
    const ask = (verb: string, namespace: string): Promise<boolean> =>
      limited.mayI({ verb, group: '', resource: 'configmaps', namespace });
    assert.deepEqual(await Promise.all([ask('list', 'team'), ask('list', 'contract'), ask('patch', 'team')]), [
      true,
      false,
      false,
    ]);
  });

  test('an abort rejects with its reason, and ends a watch quietly', async () => {
    const { cluster, configMaps } = scope();
    const reason = new Error('enough');
    await assert.rejects(cluster.list(configMaps, { signal: AbortSignal.abort(reason) }), reason);
    await assert.rejects(cluster.get(configMaps, 'contract', 'any', AbortSignal.abort(reason)), reason);
    const watch = record(cluster, configMaps, 'aborted=yes');
    await watch.waitFor('the first list', () => watch.events.length > 0);
    await watch.stop();
  });
}

/** Watches config maps of the contract's namespace and keeps what comes. */
function record(cluster: Cluster, resource: ApiResource, labelSelector: string): Recorded {
  const events: WatchEvent[] = [];
  const shown = new Map<string, KubeObject>();
  const controller = new AbortController();
  const { signal } = controller;
  const done = cluster.watch(resource, { namespace: 'contract', labelSelector, signal }, (event) => {
    events.push(event);
    if (event.type === 'listed') {
      shown.clear();
      for (const object of event.objects) shown.set(nameOf(object), object);
    } else if (event.type === 'deleted') shown.delete(nameOf(event.object));
    else if (event.type === 'added' || event.type === 'modified') shown.set(nameOf(event.object), event.object);
  });
  // Awaited in `stop`; until then its end must not count as unhandled.
  done.catch(() => {});
  return {
    events,
    shown,
    waitFor: async (what, condition) => {
      await until(what, () => Promise.resolve(condition()), { timeout: 20_000, interval: 20 });
    },
    async stop() {
      controller.abort();
      await done;
    },
  };
}
