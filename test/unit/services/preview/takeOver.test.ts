import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FluxKustomization } from '../../../../src/core/delivery/flux/fluxKustomization.ts';
import { type KubeObject, keyOf, keyText } from '../../../../src/core/kube/objectKey.ts';
import type { PlanStep } from '../../../../src/core/report.ts';
import { fluxManager, withOwnerLabels } from '../../../../src/core/reconcile/fluxTakeOver.ts';
import { SimulatedClusterPort } from '../../../../src/sandbox/simulatedClusterPort.ts';
import { SchemaCache } from '../../../../src/services/drift/schemaCache.ts';
import type { PreparedApplication } from '../../../../src/services/drift/prepareComparison.ts';
import type { DeclaredTarget } from '../../../../src/services/drift/target.ts';
import { previewApplication } from '../../../../src/services/preview/previewApplication.ts';

const flux = { name: 'shop', namespace: 'flux-system', force: false, prune: true } as FluxKustomization;
const declared: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'default' },
  data: { greeting: 'hello' },
};

/** The step for an object that Flux applied and a manager then changed; and what is left of the change. */
async function step(manager: string, patch: KubeObject['data']): Promise<{ step: PlanStep; data: unknown }> {
  const cluster = new SimulatedClusterPort();
  const { resources } = await cluster.discover();
  const resource = resources.find(({ group, kind }) => group === '' && kind === 'ConfigMap');
  assert.ok(resource);
  await cluster.apply(resource, withOwnerLabels(declared, flux), { fieldManager: fluxManager, force: true });
  const edit = { data: patch ?? null };
  await cluster.patch(resource, 'default', 'settings', edit, { type: 'merge', fieldManager: manager });
  const live = await cluster.get(resource, 'default', 'settings');
  assert.ok(live);
  const schemas = new SchemaCache(cluster);
  await schemas.prepare([{ group: '', version: 'v1', kind: 'ConfigMap' }]);
  const application = { id: 'shop', name: 'shop', engine: 'flux', source: { kind: 'kustomize', path: '' }, gates: [] };
  const target = { application, rendered: { object: declared }, key: keyOf(declared), version: 'v1', resource };
  const prepared = { application, targets: [target as unknown as DeclaredTarget], extras: [], files: [], problems: [] };
  const { report, predicted } = await previewApplication(
    {
      prepared: prepared as unknown as PreparedApplication,
      flux,
      live: new Map([[keyText(keyOf(declared)), live]]),
      supposed: new Set(),
      stale: [],
      prune: true,
      from: 'live',
      to: 'worktree',
      withPredicted: false,
    },
    cluster,
    schemas,
    { now: () => new Date() },
  );
  const [only] = report.steps;
  assert.ok(only);
  // Nothing was written by any of it.
  assert.deepEqual(await cluster.get(resource, 'default', 'settings'), live);
  return { step: only, data: predicted.get(keyText(keyOf(declared)))?.['data'] };
}

test('what kubectl added goes, by the simulation, since a dry run does not know of the take-over (semantics F-9)', async () => {
  const answer = await step('kubectl-edit', { added: 'by hand' });
  assert.deepEqual([answer.step.action, answer.step.basis], ['configure', 'simulated']);
  assert.deepEqual(
    answer.step.changes.map(({ path, op }) => `${op} ${path}`),
    ['removed data.added'],
  );
  assert.deepEqual(answer.data, { greeting: 'hello' });
});

test('what another manager added stays, by the word of the server', async () => {
  const answer = await step('k9s', { added: 'by hand' });
  assert.deepEqual([answer.step.action, answer.step.basis], ['unchanged', 'server']);
  assert.deepEqual(answer.data, { added: 'by hand', greeting: 'hello' });
});

test('what kubectl changed and Git declares is set back, whoever says so', async () => {
  for (const manager of ['kubectl-edit', 'k9s']) {
    const answer = await step(manager, { greeting: 'edited' });
    assert.deepEqual(
      answer.step.changes.map(({ path }) => path),
      ['data.greeting'],
      manager,
    );
    assert.deepEqual(answer.data, { greeting: 'hello' }, manager);
  }
});

test('where the take-over changes nothing, the dry run is exact', async () => {
  const answer = await step('kubectl-edit', { greeting: 'edited' });
  assert.equal(answer.step.basis, 'server');
});
