import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import type { ApiResource } from '../../../src/ports/cluster.ts';
import type { ContractCluster, ContractScope } from './contractScope.ts';
import { readContract } from './readContract.ts';
import { servedContract } from './servedContract.ts';
import { writeContract } from './writeContract.ts';

/** What every implementation of the Cluster port must show: the adapter against each server it is meant for. */
export function clusterContract(
  name: string,
  makeCluster: () => Promise<ContractCluster>,
  options: { skip?: string | false } = {},
): void {
  describe(`cluster contract: ${name}`, { skip: options.skip ?? false }, () => {
    let made: ContractCluster;
    let scope: ContractScope;
    before(async () => {
      made = await makeCluster();
      scope = await scopeOf(made);
      const contract = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'contract' } };
      await scope.cluster.create(scope.namespaces, contract);
    });
    after(() => made.close());

    for (const part of [servedContract, writeContract, readContract]) part(() => scope);
  });
}

async function scopeOf(made: ContractCluster): Promise<ContractScope> {
  const { cluster } = made;
  const kind = async (group: string, resource: string): Promise<ApiResource> => {
    const { resources } = await cluster.discover();
    const found = resources.find((each) => each.group === group && each.resource === resource);
    assert.ok(found, `${resource} of group ${JSON.stringify(group)} is served`);
    return found;
  };
  const [configMaps, namespaces] = await Promise.all([kind('', 'configmaps'), kind('', 'namespaces')]);
  return { ...made, configMaps, namespaces, kind, get: (name) => cluster.get(configMaps, 'contract', name) };
}
