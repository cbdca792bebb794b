import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KubeObject, keyOf, keyText, nameOf } from '../../../../src/core/kube/objectKey.ts';
import { SimulatedClusterPort } from '../../../../src/sandbox/simulatedClusterPort.ts';
import { TargetComparer } from '../../../../src/services/drift/compareTargets.ts';
import type { PreparedApplication } from '../../../../src/services/drift/prepareComparison.ts';
import { SchemaCache } from '../../../../src/services/drift/schemaCache.ts';
import type { DeclaredTarget } from '../../../../src/services/drift/target.ts';
import { previewApplication } from '../../../../src/services/preview/previewApplication.ts';

function configMap(name: string, labels: Record<string, string> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', labels }, data: { a: 'b' } };
}

/** Action of the plan and status of the drift, of each object of a plain chart; those of `applied` are live. */
async function outcomes(declared: readonly KubeObject[], applied: readonly string[]): Promise<string[]> {
  const cluster = new SimulatedClusterPort();
  const { resources } = await cluster.discover();
  const resource = resources.find(({ group, kind }) => group === '' && kind === 'ConfigMap');
  assert.ok(resource);
  const live = new Map<string, KubeObject>();
  for (const object of declared.filter((item) => applied.includes(nameOf(item)))) {
    live.set(keyText(keyOf(object)), await cluster.apply(resource, object, { fieldManager: 'kubectl' }));
  }
  const schemas = new SchemaCache(cluster);
  await schemas.prepare([{ group: '', version: 'v1', kind: 'ConfigMap' }]);
  const application = { id: 'chart', name: 'chart', engine: 'direct', source: { kind: 'helm', path: '' }, gates: [] };
  const targets = declared.map(
    (object) =>
      ({ application, rendered: { object }, key: keyOf(object), version: 'v1', resource }) as unknown as DeclaredTarget,
  );
  const prepared = { application, targets, extras: [], files: [], problems: [], rendered: true };
  const { report } = await previewApplication(
    {
      prepared: prepared as unknown as PreparedApplication,
      live,
      supposed: new Set(),
      stale: [],
      prune: false,
      from: 'live',
      to: 'worktree',
      withPredicted: false,
    },
    cluster,
    schemas,
    { now: () => new Date() },
  );
  const comparer = new TargetComparer(schemas, { secrets: 'compare' });
  const compared = await comparer.compare(prepared as unknown as PreparedApplication, {
    objects: live,
    unreadable: new Map(),
  });
  return targets.map(({ key }) => {
    const step = report.steps.find(({ name }) => name === key.name);
    const found = compared.find(({ target }) => target.key.name === key.name);
    return `${key.name}: ${step?.action ?? ''} ${found?.comparison.status ?? ''} ${step?.reasons.join() ?? ''}`.trim();
  });
}

test('what a chart names after its release is neither created under a name that nobody gave, nor missing', async () => {
  const declared = [
    configMap('release-name-web'),
    configMap('release-name'),
    configMap('settings'),
    configMap('labelled', { 'app.kubernetes.io/instance': 'release-name' }),
    configMap('other'),
  ];
  const refused = 'it is named after a Helm release, and no file says what that is called';
  const answers = await outcomes(declared, ['settings']);
  assert.deepEqual(
    answers.map((answer) => answer.replace(/: install the chart.*$/, '')),
    [
      `release-name-web: blocked create ${refused}`,
      `release-name: blocked create ${refused}`,
      'settings: unchanged synced',
      `labelled: blocked create ${refused}`,
      'other: create missing',
    ],
  );
});

test('what was applied under that name is kept up as it is', async () => {
  assert.deepEqual(await outcomes([configMap('release-name-web')], ['release-name-web']), [
    'release-name-web: unchanged synced',
  ]);
});
