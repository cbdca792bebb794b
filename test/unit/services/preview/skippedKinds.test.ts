import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DirectoryRenderer } from '../../../../src/adapters/directory/directoryRenderer.ts';
import type { Application } from '../../../../src/core/delivery/application.ts';
import { findApplications } from '../../../../src/services/applications/findApplications.ts';
import { extraTargets } from '../../../../src/services/drift/extraTargets.ts';
import type { Renderers } from '../../../../src/services/drift/prepareComparison.ts';
import { previewPlans } from '../../../../src/services/preview/previewPlans.ts';
import { withFiles } from '../../adapters/folderFixture.ts';
import { appliedCluster } from '../actions/scopeFixture.ts';

const map = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\n`;
const account = `apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: default}\n`;

test('a kind that is left out is not foretold to be pruned', async () => {
  await withFiles({ 'app/a.yaml': map, 'app/web.yaml': account }, async (tree) => {
    const cluster = await appliedCluster(tree, []);
    const renderers = { directory: new DirectoryRenderer() } as unknown as Renderers;
    const { plans } = await previewPlans(
      {
        derived: await findApplications(tree, ''),
        below: '',
        chosen: new Set(),
        tree,
        repository: undefined,
        renderers,
        skipKinds: new Set(['serviceaccount']),
        prune: true,
        withPredicted: false,
      },
      cluster,
      { now: () => new Date() },
    );
    assert.deepEqual(
      plans.flatMap(({ steps }) => steps.map(({ action, kind }) => `${action} ${kind}`)),
      ['unchanged ConfigMap'],
    );
  });
});

test('nor is one of an engine said to be extra', () => {
  const entry = (kind: string) => ({ group: '', version: 'v1', kind, namespace: 'default', name: 'web' });
  const application = { id: 'flux:x/y' } as Application;
  const entries = [entry('ConfigMap'), entry('ServiceAccount')];
  const found = extraTargets(application, entries, { resources: [], problems: [] }, new Set(['serviceaccount']));
  assert.deepEqual(
    found.map(({ key }) => key.kind),
    ['ConfigMap'],
  );
});
