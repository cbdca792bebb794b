import assert from 'node:assert/strict';
import type { AccessQuestion } from '../../../src/ports/cluster.ts';
import { SimulatedClusterPort } from '../../../src/sandbox/simulatedClusterPort.ts';
import { clusterContract } from './clusterContract.ts';

const reads = ['get', 'list', 'watch'];
const mayReadTeam = ({ verb, namespace }: AccessQuestion): boolean => reads.includes(verb) && namespace === 'team';

clusterContract('the simulated cluster in this process', async () => {
  let isSetUp = false;
  const limited = new SimulatedClusterPort({ denies: (question) => isSetUp && !mayReadTeam(question) });
  const { resources } = await limited.discover();
  const namespaces = resources.find((each) => each.resource === 'namespaces');
  assert.ok(namespaces);
  await limited.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } });
  isSetUp = true;
  return {
    cluster: new SimulatedClusterPort(),
    limited,
    close: () => Promise.resolve(),
  };
});
