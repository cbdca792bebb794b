import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Json, fieldAt, listAt } from '../../../src/core/json.ts';
import type { KubeObject } from '../../../src/core/kube/objectKey.ts';
import type { ApiResource } from '../../../src/ports/cluster.ts';
import { until } from '../../rig/cluster/until.ts';
import { type ContractScope, configMap, isReason, manager } from './contractScope.ts';

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

/** What a cluster serves, and how it says that it does not. */
export function servedContract(scope: () => ContractScope): void {
  test('says its version', async () => {
    const { cluster } = scope();
    const version = await cluster.version();
    assert.match(version.gitVersion, /^v1\.\d+/);
    assert.equal(version.major, '1');
    assert.match(version.minor, /^\d+/);
  });

  test('discovers kinds with scope, verbs and subresources', async () => {
    const { cluster, configMaps, namespaces, kind } = scope();
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
    const { cluster } = scope();
    const document = await cluster.openApi('v1');
    const schemas = Object.values((fieldAt(document, 'components', 'schemas') ?? {}) as Record<string, Json>);
    const kinds = schemas.flatMap((schema) => listAt(schema, 'x-kubernetes-group-version-kind'));
    assert.ok(kinds.some((each) => fieldAt(each, 'kind') === 'ConfigMap'));
    assert.equal(await cluster.openApi('nothing.example.com/v1'), undefined);
  });

  test('a kind that is not served is an error, not a missing object', async () => {
    const { cluster, configMaps } = scope();
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

  test('a new CustomResourceDefinition is discovered, with its schema, and keeps integers exact', async () => {
    const { cluster, kind } = scope();
    await cluster.apply(await kind('apiextensions.k8s.io', 'customresourcedefinitions'), definition, manager);
    const counters = await until('the new kind is served', async () => {
      const { resources } = await cluster.discover({ refresh: true });
      return resources.find((each) => each.kind === 'Counter');
    });
    assert.deepEqual([counters.group, counters.version, counters.resource], ['contract.example.com', 'v1', 'counters']);
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
}
