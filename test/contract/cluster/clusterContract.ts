import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Json, fieldAt, listAt, stringAt } from '../../../src/core/json.ts';
import { type KubeObject, nameOf } from '../../../src/core/kube/objectKey.ts';
import type { ApiResource, Cluster, WatchEvent } from '../../../src/ports/cluster.ts';
import { ClusterError, type ClusterErrorReason } from '../../../src/ports/clusterError.ts';
import { until } from '../../rig/cluster/until.ts';

/** A cluster to hold against the contract. It is the suite's alone, so that counts are exact. */
export interface ContractCluster {
  /** As somebody who may do everything. */
  cluster: Cluster;
  /** As somebody who may read in namespace `team` and nothing else; the namespace exists. */
  limited?: Cluster;
  /** Breaks all connections to the cluster, as a restart of its API server does; resolves when it answers again. */
  interrupt?: () => Promise<void>;
  close(): Promise<void>;
}

interface Recorded {
  events: WatchEvent[];
  /** What a view that heard all events shows: resourceVersions by name. */
  shown: ReadonlyMap<string, KubeObject>;
  waitFor(what: string, condition: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

const manager = { fieldManager: 'contract' };

function configMap(name: string, data: Record<string, string>, labels?: Record<string, string>): KubeObject {
  const metadata = { name, namespace: 'contract', ...(labels === undefined ? {} : { labels }) };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
}

function isReason(reason: ClusterErrorReason, text?: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(ClusterError.is(error, reason), `expected ${reason}, got ${String(error)}`);
    if (text !== undefined) assert.match(error.message, text);
    return true;
  };
}

const definition: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'counters.contract.example.com' },
  spec: {
    group: 'contract.example.com',
    scope: 'Namespaced',
    names: { kind: 'Counter', listKind: 'CounterList', plural: 'counters', singular: 'counter' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', properties: { count: { type: 'integer', format: 'int64' } } },
            },
          },
        },
      },
    ],
  },
};

/** What every implementation of the Cluster port must show: the adapter against each server it is meant for. */
export function clusterContract(
  name: string,
  makeCluster: () => Promise<ContractCluster>,
  options: { skip?: string | false } = {},
): void {
  describe(`cluster contract: ${name}`, { skip: options.skip ?? false }, () => {
    let made: ContractCluster;
    let cluster: Cluster;
    let configMaps: ApiResource;
    let namespaces: ApiResource;

    const kind = async (group: string, resource: string): Promise<ApiResource> => {
      const { resources } = await cluster.discover();
      const found = resources.find((each) => each.group === group && each.resource === resource);
      assert.ok(found, `${resource} of group ${JSON.stringify(group)} is served`);
      return found;
    };
    const get = (object: string): Promise<KubeObject | undefined> => cluster.get(configMaps, 'contract', object);

    before(async () => {
      made = await makeCluster();
      cluster = made.cluster;
      configMaps = await kind('', 'configmaps');
      namespaces = await kind('', 'namespaces');
      await cluster.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'contract' } });
    });
    after(async () => made.close());

    test('says its version', async () => {
      const version = await cluster.version();
      assert.match(version.gitVersion, /^v1\.\d+/);
      assert.equal(version.major, '1');
      assert.match(version.minor, /^\d+/);
    });

    test('discovers kinds with scope, verbs and subresources', async () => {
      assert.deepEqual(
        [configMaps.group, configMaps.version, configMaps.kind, configMaps.namespaced],
        ['', 'v1', 'ConfigMap', true],
      );
      assert.equal(namespaces.namespaced, false);
      for (const verb of ['get', 'list', 'watch', 'patch']) assert.ok(configMaps.verbs.includes(verb), verb);
      const deployments = await kind('apps', 'deployments');
      assert.equal(deployments.version, 'v1');
      assert.ok(deployments.subresources.includes('scale'));
      assert.deepEqual((await cluster.discover()).problems, []);
    });

    test('gives the OpenAPI document of a group-version, and nothing for one it does not have', async () => {
      const document = await cluster.openApi('v1');
      const schemas = Object.values((fieldAt(document, 'components', 'schemas') ?? {}) as Record<string, Json>);
      const kinds = schemas.flatMap((schema) => listAt(schema, 'x-kubernetes-group-version-kind'));
      assert.ok(kinds.some((each) => fieldAt(each, 'kind') === 'ConfigMap'));
      assert.equal(await cluster.openApi('nothing.example.com/v1'), undefined);
    });

    test('creates, reads, patches and deletes', async () => {
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
      await cluster.create(configMaps, configMap('twice', {}));
      await assert.rejects(cluster.create(configMaps, configMap('twice', {})), isReason('already-exists', /twice/));
      await assert.rejects(cluster.create(configMaps, configMap('Not_A_Name', {})), isReason('invalid', /Not_A_Name/));
      await assert.rejects(cluster.get(configMaps, 'contract', '../../nodes'), isReason('bad-request'));
      await assert.rejects(cluster.get(configMaps, '', 'twice'), isReason('bad-request', /no namespace/));
    });

    test('applies: creates, changes, names the owner of a field on conflict, and takes it by force', async () => {
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
      const lost: KubeObject = { ...configMap('lost', {}), metadata: { name: 'lost', namespace: 'nowhere' } };
      for (const dryRun of [true, false]) {
        await assert.rejects(cluster.apply(configMaps, lost, { ...manager, dryRun }), isReason('not-found', /nowhere/));
      }
      assert.equal(await cluster.get(configMaps, 'nowhere', 'lost'), undefined);
    });

    test('a kind that is not served is an error, not a missing object', async () => {
      const unserved: ApiResource = {
        ...configMaps,
        group: 'nothing.example.com',
        kind: 'Widget',
        resource: 'widgets',
      };
      await assert.rejects(cluster.get(unserved, 'contract', 'any'), isReason('not-found', /Widget/));
      await assert.rejects(cluster.list(unserved), isReason('not-found'));
      const inServedGroup: ApiResource = { ...unserved, group: 'apps' };
      await assert.rejects(cluster.get(inServedGroup, 'contract', 'any'), isReason('not-found', /Widget/));
      await assert.rejects(cluster.delete(inServedGroup, 'contract', 'any'), isReason('not-found', /Widget/));
      const widget = { ...configMap('any', {}), apiVersion: 'nothing.example.com/v1', kind: 'Widget' };
      await assert.rejects(cluster.apply(unserved, widget, manager), isReason('not-found'));
      await assert.rejects(
        cluster.watch(unserved, {}, () => {}),
        isReason('not-found'),
      );
    });

    test('lists by namespace and label, with kind and managedFields', async () => {
      await cluster.create(configMaps, configMap('listed-a', {}, { list: 'yes' }), manager);
      await cluster.create(configMaps, configMap('listed-b', {}, { list: 'no' }), manager);
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

      const wants = (object: KubeObject): boolean => nameOf(object) === 'listed-c';
      const wanted = await cluster.list(configMaps, { labelSelector: 'list=yes', wants });
      assert.deepEqual(wanted.objects.map(nameOf), ['listed-c']);
    });

    test('lists more than one chunk: all objects, each once', async () => {
      const names = Array.from({ length: 620 }, (_, index) => `many-${String(index).padStart(3, '0')}`);
      for (let start = 0; start < names.length; start += 20) {
        const some = names.slice(start, start + 20);
        await Promise.all(some.map((each) => cluster.create(configMaps, configMap(each, {}, { many: 'yes' }))));
      }
      const listed = await cluster.list(configMaps, { namespace: 'contract', labelSelector: 'many=yes' });
      assert.deepEqual(listed.objects.map(nameOf).sort(), names);
    });

    test('watches: what is there, then what is added, modified and deleted, in order', async () => {
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
      if (made.interrupt === undefined) {
        t.skip('connections to this cluster cannot be broken from here');
        return;
      }
      const watch = record(cluster, configMaps, 'resumed=yes');
      await watch.waitFor('the first list', () => watch.events.length > 0);
      await cluster.create(configMaps, configMap('resumed-1', {}, { resumed: 'yes' }));
      await watch.waitFor('the first object', () => watch.shown.has('resumed-1'));
      await made.interrupt();
      await cluster.create(configMaps, configMap('resumed-2', {}, { resumed: 'yes' }));
      await cluster.delete(configMaps, 'contract', 'resumed-1');
      await watch.waitFor('what happened since', () => watch.shown.has('resumed-2') && !watch.shown.has('resumed-1'));
      const added = watch.events.filter((event) => event.type === 'added').length;
      const listed = watch.events.filter((event) => event.type === 'listed').length;
      assert.ok(added + listed <= 4, 'no storm of events');
      await watch.stop();
    });

    test('deletes only the incarnation that was meant', async () => {
      const created = await cluster.create(configMaps, configMap('incarnation', {}));
      const uid = '00000000-0000-4000-8000-000000000000';
      await assert.rejects(cluster.delete(configMaps, 'contract', 'incarnation', { uid }), isReason('conflict'));
      assert.notEqual(await get('incarnation'), undefined);
      await cluster.delete(configMaps, 'contract', 'incarnation', { uid: stringAt(created, 'metadata', 'uid') ?? '' });
      assert.equal(await get('incarnation'), undefined);
    });

    test('a new CustomResourceDefinition is discovered, with its schema, and keeps integers exact', async () => {
      await cluster.apply(await kind('apiextensions.k8s.io', 'customresourcedefinitions'), definition, manager);
      const counters = await until('the new kind is served', async () => {
        const { resources } = await cluster.discover({ refresh: true });
        return resources.find((each) => each.kind === 'Counter');
      });
      assert.deepEqual(
        [counters.group, counters.version, counters.resource],
        ['contract.example.com', 'v1', 'counters'],
      );
      await until('its schema is there', async () => {
        await cluster.discover({ refresh: true });
        const document = await cluster.openApi('contract.example.com/v1');
        return JSON.stringify(fieldAt(document, 'components', 'schemas') ?? {}).includes('Counter');
      });

      const count = 9_007_199_254_740_993n;
      const counter: KubeObject = {
        apiVersion: 'contract.example.com/v1',
        kind: 'Counter',
        metadata: { name: 'big', namespace: 'contract' },
        spec: { count },
      };
      const applied = await until('it can be written', () => cluster.apply(counters, counter, manager));
      assert.equal(fieldAt(applied, 'spec', 'count'), count);
      assert.equal(fieldAt(await cluster.get(counters, 'contract', 'big'), 'spec', 'count'), count);
      const { objects } = await cluster.list(counters);
      assert.equal(fieldAt(objects[0], 'spec', 'count'), count);
    });

    test('what may not be read is an error that names kind and namespace, and costs that kind only', async (t) => {
      const { limited } = made;
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
      const reason = new Error('enough');
      await assert.rejects(cluster.list(configMaps, { signal: AbortSignal.abort(reason) }), reason);
      await assert.rejects(cluster.get(configMaps, 'contract', 'any', AbortSignal.abort(reason)), reason);
      const watch = record(cluster, configMaps, 'aborted=yes');
      await watch.waitFor('the first list', () => watch.events.length > 0);
      await watch.stop();
    });
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
