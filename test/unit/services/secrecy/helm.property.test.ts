import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { gunzipBase64 } from '../../../../src/adapters/files/gunzip.ts';
import type { Application } from '../../../../src/core/delivery/application.ts';
import { releaseSecretName } from '../../../../src/core/delivery/helm/release.ts';
import { maskObject } from '../../../../src/core/drift/mask.ts';
import type { Json } from '../../../../src/core/json.ts';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';
import { printYaml } from '../../../../src/core/manifest/printYaml.ts';
import type { ApiResource } from '../../../../src/ports/cluster.ts';
import { SimulatedClusterPort } from '../../../../src/sandbox/simulatedClusterPort.ts';
import type { HelmFound } from '../../../../src/services/applications/helmReleases.ts';
import { assembleReport } from '../../../../src/services/drift/assembleReport.ts';
import { TargetComparer } from '../../../../src/services/drift/compareTargets.ts';
import { prepareHelmRelease } from '../../../../src/services/drift/prepareHelmRelease.ts';
import { SchemaCache } from '../../../../src/services/drift/schemaCache.ts';
import { leaksIn } from './needles.ts';
import { secretText } from './situation.ts';
import { shownOf } from './surfaces.ts';
import { base64, now } from './world.ts';

interface HelmSituation {
  /** What the Secret held when the release was made, and what it holds now. */
  released: string;
  present: string;
  /** What it held when an upgrade was begun that failed. */
  attempted: string;
  /** The HelmRelease names one value of the Secret, or takes the whole as values. */
  targetPath: boolean;
  /** How the chart writes the value. */
  shape: 'plain' | 'address' | 'base64' | 'list' | 'nested' | 'lines';
  /** What somebody did to the field in the cluster. */
  edit: 'changed' | 'removed' | 'other' | 'attempted';
  mayRead: boolean;
}

const helmSituation: fc.Arbitrary<HelmSituation> = fc.record({
  released: secretText,
  present: secretText,
  attempted: secretText,
  targetPath: fc.boolean(),
  shape: fc.constantFrom<HelmSituation['shape']>('plain', 'address', 'base64', 'list', 'nested', 'lines'),
  edit: fc.constantFrom<HelmSituation['edit']>('changed', 'removed', 'other', 'attempted'),
  mayRead: fc.boolean(),
});

describe('no byte of a Secret is shown of what Helm made of it', () => {
  test('whatever the chart wrote it into, also after the Secret has changed', async () => {
    await fc.assert(
      fc.asyncProperty(helmSituation, async (drawn) => {
        const shown = await shownReport(drawn);
        assert.match(shown, /masked/);
        const secrets = [drawn.released, drawn.present, drawn.attempted].map(
          (text) => new Uint8Array(Buffer.from(text)),
        );
        const found = leaksIn(shown, secrets, () => false);
        if (found.length === 0) return;
        const filler = { released: '~1~'.repeat(9), present: '~2~'.repeat(9), attempted: '~3~'.repeat(9) };
        const neutral = await shownReport({ ...drawn, ...filler });
        assert.deepEqual(
          found.filter((needle) => !neutral.includes(needle)),
          [],
          shown,
        );
      }),
      { numRuns: 60 },
    );
  });

  test('what the HelmRelease spells out is shown', async () => {
    const drawn: HelmSituation = {
      ...{ released: 'hunter-two', present: 'hunter-two', attempted: 'hunter-two', targetPath: true, shape: 'plain' },
      ...{ edit: 'other', mayRead: true },
    };
    const shown = await shownReport(drawn);
    assert.match(shown, /spelled-out-value/);
    assert.doesNotMatch(shown, /hunter-two/);
  });
});

const release = {
  namespace: 'default',
  name: 'web',
  suspended: false,
  correctsDrift: false,
  attempted: [2],
  remoteCluster: false,
  values: { greeting: 'spelled-out-value' },
  deployed: { name: 'web', namespace: 'default', version: 1, storageNamespace: 'default' },
};

/** The report of one release whose only object was edited in the cluster. */
async function shownReport(drawn: HelmSituation): Promise<string> {
  const cluster = new SimulatedClusterPort({
    now: () => now,
    controllers: [],
    denies: ({ resource, name }) => !drawn.mayRead && resource === 'secrets' && name === 'values',
  });
  const { resources } = await cluster.discover();
  const kind = (name: string): ApiResource => {
    const found = resources.find((one) => one.kind === name && one.group === '');
    assert.ok(found);
    return found;
  };
  const object = configMap(drawn, drawn.released);
  await cluster.apply(kind('ConfigMap'), object, { fieldManager: 'helm-controller' });
  const patch = { data: editOf(drawn, object['data'] as Record<string, string>) };
  await cluster.patch(kind('ConfigMap'), 'default', 'web', patch, { type: 'merge', fieldManager: 'kubectl-edit' });
  const packed = (manifest: KubeObject, password: string): string => {
    const content = {
      ...{ name: 'web', namespace: 'default', manifest: `---\n${printYaml(manifest)}` },
      config: { ...release.values, database: { password } },
    };
    return base64(Buffer.from(gzipSync(JSON.stringify(content)).toString('base64')));
  };
  const secrets: [string, Record<string, string>][] = [
    [releaseSecretName('web', 1), { release: packed(object, drawn.released) }],
    [releaseSecretName('web', 2), { release: packed(configMap(drawn, drawn.attempted), drawn.attempted) }],
    ['values', { 'values.yaml': base64(Buffer.from(valuesText(drawn))) }],
  ];
  for (const [name, data] of secrets) {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default' }, data };
    await cluster.create(kind('Secret'), secret).catch((error: unknown) => assert.ok(!drawn.mayRead, String(error)));
  }
  const reference = { kind: 'Secret', name: 'values', key: 'values.yaml' };
  const application: Application = {
    ...{ id: 'web', name: 'web', engine: 'flux', foundIn: 'flux', gates: [] },
    source: { kind: 'helm', path: 'apps' },
    destination: { context: cluster.context, namespace: 'default' },
  };
  const found: HelmFound = {
    application,
    release: {
      ...release,
      valuesFrom: [drawn.targetPath ? { ...reference, targetPath: 'database.password' } : reference],
    },
    ignore: [],
    place: { file: 'apps/web.yaml', line: 1, via: 'manifest' },
  };
  const schemas = new SchemaCache(cluster);
  const prepared = await prepareHelmRelease(found, cluster, schemas, { gunzip: gunzipBase64, skipKinds: new Set() });
  assert.equal(prepared.rendered, true);
  const live = await cluster.get(kind('ConfigMap'), 'default', 'web');
  assert.ok(live);
  const objects = new Map([['/ConfigMap/default/web', live]]);
  const comparer = new TargetComparer(schemas, { secrets: 'compare' });
  const results = await comparer.compare(prepared, { objects, unreadable: new Map() });
  const report = assembleReport([{ prepared, results, locations: new Map(), revision: 'worktree' }], [], now);
  return `${shownOf(report)}\n${printYaml(maskObject(live, undefined, prepared.isTainted))}`;
}

function configMap({ shape }: HelmSituation, secret: string): KubeObject {
  const data = { greeting: 'spelled-out-value', secret: written(shape, secret) };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web', namespace: 'default' }, data };
}

function editOf(drawn: HelmSituation, data: Record<string, string>): Json {
  const greeting = 'somebody else';
  if (drawn.edit === 'removed') return { greeting, secret: null };
  if (drawn.edit === 'changed') return { greeting, secret: `${data['secret'] ?? ''} edited` };
  return { greeting, secret: written(drawn.shape, drawn.edit === 'other' ? drawn.present : drawn.attempted) };
}

function written(shape: HelmSituation['shape'], text: string): string {
  switch (shape) {
    case 'plain':
      return text;
    case 'address':
      return `postgres://user:${text}@db/x`;
    case 'base64':
      return base64(Buffer.from(text));
    case 'list':
      return JSON.stringify([text, 'x']);
    case 'nested':
      return printYaml({ database: { password: text } });
    case 'lines':
      return text
        .split('\n')
        .map((line) => `    ${line}`)
        .join('\n');
  }
}

function valuesText({ targetPath, present }: HelmSituation): string {
  return targetPath ? present : printYaml({ database: { password: present } });
}
