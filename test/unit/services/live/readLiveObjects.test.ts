import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Application } from '../../../../src/core/delivery/application.ts';
import { type KubeObject, keyOf, keyText } from '../../../../src/core/kube/objectKey.ts';
import type { ApiResource, Cluster, ListRequest, ListResult } from '../../../../src/ports/cluster.ts';
import { ClusterError } from '../../../../src/ports/clusterError.ts';
import type { Target } from '../../../../src/services/drift/target.ts';
import { readLiveObjects } from '../../../../src/services/live/readLiveObjects.ts';

const configMap = (namespace: string, name: string): KubeObject => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap' },
  metadata: { name, namespace },
});
const secret = (namespace: string, name: string): KubeObject => ({ ...configMap(namespace, name), kind: 'Secret' });
/** So many objects in each of so many namespaces. */
const spread = (make: typeof configMap, namespaces: number, each: number): KubeObject[] =>
  Array.from({ length: namespaces }, (_, at) =>
    Array.from({ length: each }, (__, n) => make(`ns-${at}`, `o-${n}`)),
  ).flat();

/** A cluster that holds these objects, what it was asked, and the targets for all of them. */
function clusterWith(held: readonly KubeObject[], answers: { denies?: (namespace: string) => boolean } = {}) {
  const asked: string[] = [];
  const cluster = {
    context: 'test',
    get(_: ApiResource, namespace: string, name: string): Promise<KubeObject | undefined> {
      asked.push(`get ${namespace}/${name}`);
      return Promise.resolve(
        held.find(({ metadata }) => metadata['name'] === name && metadata['namespace'] === namespace),
      );
    },
    list(
      { kind }: ApiResource,
      { namespace = '', atMost = Number.POSITIVE_INFINITY }: ListRequest,
    ): Promise<ListResult> {
      asked.push(`list ${kind} of ${namespace === '' ? 'all' : namespace}`);
      if (answers.denies?.(namespace) === true) return Promise.reject(new ClusterError('forbidden', 'You may not'));
      const objects = held.filter(
        ({ kind: own, metadata }) => own === kind && (namespace === '' || metadata['namespace'] === namespace),
      );
      return Promise.resolve(
        objects.length > atMost
          ? { objects: [], resourceVersion: '1', isTooLong: true }
          : { objects, resourceVersion: '1' },
      );
    },
  } as Partial<Cluster> as Cluster;
  return { cluster, asked };
}

const targets = (objects: readonly KubeObject[]): Target[] =>
  objects.map((object) => ({
    application: { id: 'a' } as Application,
    rendered: { object },
    key: keyOf(object),
    version: 'v1',
    resource: { group: '', version: 'v1', kind: object.kind, resource: '', namespaced: true } as ApiResource,
  }));

const keys = (objects: Iterable<KubeObject>): string[] => [...objects].map((object) => keyText(keyOf(object))).sort();

describe('what is asked of the cluster', () => {
  const wanted = (namespaces: number, each: number): KubeObject[] => spread(configMap, namespaces, each);
  const cases: [name: string, wanted: KubeObject[], beside: KubeObject[], denied: string[], asked: string[]][] = [
    ['few, by name', wanted(1, 2), [], [], ['get ns-0/o-0', 'get ns-0/o-1']],
    ['many of a namespace, at once', wanted(1, 5), [], [], ['list ConfigMap of ns-0']],
    ['many of few namespaces, apart', wanted(2, 5), [], [], ['list ConfigMap of ns-0', 'list ConfigMap of ns-1']],
    ['of many namespaces, at once', wanted(4, 1), [], [], ['list ConfigMap of all']],
    [
      'of many namespaces that hold far more, apart',
      wanted(4, 5),
      spread((namespace, name) => configMap(namespace, `other-${name}`), 1, 61),
      [],
      ['list ConfigMap of all', ...[0, 1, 2, 3].map((at) => `list ConfigMap of ns-${at}`)],
    ],
    [
      'where not all may be listed, apart, and one by one',
      wanted(4, 4),
      [],
      ['', 'ns-2'],
      [
        'list ConfigMap of all',
        ...[0, 1, 2, 3].map((at) => `list ConfigMap of ns-${at}`),
        ...[0, 1, 2, 3].map((at) => `get ns-2/o-${at}`),
      ],
    ],
    [
      'Secrets by name, however many there are',
      spread(secret, 2, 4),
      [],
      [],
      [0, 1].flatMap((at) => [0, 1, 2, 3].map((n) => `get ns-${at}/o-${n}`)),
    ],
  ];
  for (const [name, objects, beside, denied, expected] of cases) {
    test(name, async () => {
      const { cluster, asked } = clusterWith([...objects, ...beside], {
        denies: (namespace) => denied.includes(namespace),
      });
      const arrived: KubeObject[] = [];
      const live = await readLiveObjects(cluster, targets(objects), undefined, (some) =>
        arrived.push(...some.values()),
      );
      assert.deepEqual(asked, expected);
      assert.deepEqual(keys(live.objects.values()), keys(objects));
      assert.deepEqual(keys(arrived), keys(objects));
      assert.equal(live.unreadable.size, 0);
    });
  }
});

test('what nobody may read is unknown, neither there nor missing', async () => {
  const objects = spread(configMap, 1, 2);
  const { cluster } = clusterWith(objects);
  cluster.get = () => Promise.reject(new ClusterError('forbidden', 'You may not'));
  const live = await readLiveObjects(cluster, targets(objects));
  assert.equal(live.objects.size, 0);
  assert.deepEqual([...live.unreadable.keys()].sort(), keys(objects));
});
