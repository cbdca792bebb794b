import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Application } from '../../../../src/core/delivery/application.ts';
import { type KubeObject, keyOf, keyText, nameOf } from '../../../../src/core/kube/objectKey.ts';
import type { Cluster } from '../../../../src/ports/cluster.ts';
import type { Jq } from '../../../../src/ports/jq.ts';
import { compareAhead } from '../../../../src/services/drift/compareAhead.ts';
import { TargetComparer } from '../../../../src/services/drift/compareTargets.ts';
import { type PreparedApplication, emptyPreparation } from '../../../../src/services/drift/prepareComparison.ts';
import { SchemaCache } from '../../../../src/services/drift/schemaCache.ts';
import type { DeclaredTarget } from '../../../../src/services/drift/target.ts';

const configMap = (name: string, value = 'x'): KubeObject => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap' },
  metadata: { name, namespace: 'shop' },
  data: { value },
});
const application = {
  id: 'direct:apps',
  name: 'apps',
  engine: 'direct',
  source: {},
  gates: [],
} as unknown as Application;
const targetOf = (object: KubeObject): DeclaredTarget => ({
  ...{ application, rendered: { object }, key: keyOf(object), version: 'v1' },
  resource: { group: '', version: 'v1', kind: 'ConfigMap', resource: 'configmaps', namespaced: true } as never,
});
const prepare = (objects: readonly KubeObject[]): PreparedApplication => ({
  ...emptyPreparation(application),
  targets: objects.map(targetOf),
});
const arrival = (...objects: KubeObject[]): Map<string, KubeObject> =>
  new Map(objects.map((object) => [keyText(keyOf(object)), object]));
const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};
const comparerOf = (): TargetComparer => new TargetComparer(new SchemaCache({} as Cluster), { secrets: 'compare' });

describe('what is compared before all is there', () => {
  test('faults are looked for first, then objects are compared as they come', async () => {
    const did: string[] = [];
    const comparer = {
      validate: ({ key }: DeclaredTarget) => did.push(`validate ${key.name}`),
      compareLive: ({ key }: DeclaredTarget, live: KubeObject) => did.push(`compare ${key.name} with ${nameOf(live)}`),
    } as unknown as TargetComparer;
    const arrive = compareAhead(comparer, [prepare([configMap('a'), configMap('b')])]);
    assert.deepEqual(did, [], 'requests go out before');
    await turns(2);
    assert.deepEqual(did.splice(0), ['validate a', 'validate b']);
    arrive(arrival(configMap('b'), configMap('of somebody else')));
    await turns(2);
    assert.deepEqual(did, ['compare b with b']);
  });

  test('the comparison finds the results, and they are what it would have found', async () => {
    const desired = [configMap('same'), configMap('other'), configMap('late'), configMap('gone')];
    const live = {
      objects: arrival(configMap('same'), configMap('other', 'y'), configMap('late')),
      unreadable: new Map(),
    };
    const prepared = prepare(desired);
    const comparer = comparerOf();
    const compared: unknown[] = [];
    const compareLive = comparer.compareLive.bind(comparer);
    comparer.compareLive = (...given) => {
      const result = compareLive(...given);
      compared.push(result);
      return result;
    };
    const arrive = compareAhead(comparer, [prepared]);
    arrive(new Map([...live.objects].slice(0, 2)));
    await turns(3);
    const results = await comparer.compare(prepared, live);
    assert.equal(compared.length, 2);
    assert.ok(compared.every((result) => results.some((found) => found === result)));
    assert.deepEqual(results.map(({ target, comparison }) => `${target.key.name} ${comparison.status}`).sort(), [
      'gone missing',
      'late synced',
      'other unknown',
      'same synced',
    ]);
    assert.deepEqual(results, await comparerOf().compare(prepared, live));
  });

  test('what jq has not been asked yet is compared anew once it was', async () => {
    const jq: Jq = { paths: () => Promise.resolve({ paths: [['data', 'value']] }) };
    const rule = { source: 'argocd', matching: 'argocd', target: {}, jqPathExpressions: ['.data.value'] } as const;
    const comparer = new TargetComparer(new SchemaCache({} as Cluster), { secrets: 'compare', ignore: [rule], jq });
    const prepared = prepare([configMap('other')]);
    const live = { objects: arrival(configMap('other', 'y')), unreadable: new Map() };
    const stated = async (): Promise<string[]> =>
      (await comparer.compare(prepared, live)).map(({ comparison }) => comparison.status);
    compareAhead(comparer, [prepared])(live.objects);
    await turns(3);
    assert.deepEqual(await stated(), ['unknown']);
    assert.equal(await comparer.askRules(), true);
    assert.deepEqual(await stated(), ['synced']);
  });

  test('a fault of our own ends no process, and is left to the comparison', async () => {
    const comparer = {
      validate: () => undefined,
      compareLive: () => {
        throw new Error('a fault');
      },
    } as unknown as TargetComparer;
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on('uncaughtException', note);
    try {
      const arrive = compareAhead(comparer, [prepare([configMap('a')])]);
      arrive(arrival(configMap('a')));
      await turns(3);
      assert.deepEqual(unhandled, []);
    } finally {
      process.off('uncaughtException', note);
    }
  });
});
