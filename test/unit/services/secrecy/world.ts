import assert from 'node:assert/strict';
import { DirectoryRenderer } from '../../../../src/adapters/directory/directoryRenderer.ts';
import { HelmRenderer } from '../../../../src/adapters/helm/helmRenderer.ts';
import { KustomizeRenderer } from '../../../../src/adapters/kustomize/kustomizeRenderer.ts';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import { withLastApplied } from '../../../../src/core/apply/lastApplied.ts';
import type { Json, JsonObject } from '../../../../src/core/json.ts';
import { printJson } from '../../../../src/core/jsonText.ts';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';
import { printYaml } from '../../../../src/core/manifest/printYaml.ts';
import type { ApiResource, Cluster } from '../../../../src/ports/cluster.ts';
import type { ClusterScope } from '../../../../src/services/drift/prepareCluster.ts';
import { SimulatedClusterPort } from '../../../../src/sandbox/simulatedClusterPort.ts';
import type { Files } from '../../adapters/folderFixture.ts';
import type { SecretSituation, Situation } from './situation.ts';

/** The moment at which everything happens. */
export const now = new Date('2026-01-01T12:00:00Z');

/** The files of Git and the cluster that it was applied to, with what was changed there since. */
export async function worldOf(situation: Situation): Promise<{ files: Files; cluster: SimulatedClusterPort }> {
  const cluster = new SimulatedClusterPort({ now: () => now, controllers: [] });
  const { resources } = await cluster.discover();
  const kind = (name: string): ApiResource => {
    const resource = resources.find((one) => one.kind === name && one.group === '');
    assert.ok(resource);
    return resource;
  };
  const files: Files = { 'app/public.yaml': printYaml(publicMap(situation)) };
  await cluster.apply(kind('ConfigMap'), publicMap(situation), { fieldManager: 'kubectl' });
  for (const [index, secret] of situation.secrets.entries()) {
    files[`app/secret${index}.${secret.format}`] = manifest(index, secret, situation);
    await deliver(index, secret, situation, cluster, kind('Secret'));
  }
  return { files, cluster };
}

/** What everybody may read: all that the situation holds but for the values. */
export function publicMap({ values, published }: Situation): KubeObject {
  const data: JsonObject = { greeting: 'hello' };
  if (published !== undefined) data['published'] = Buffer.from(values[published] ?? []).toString('utf8');
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'public', namespace: 'default' }, data };
}

async function deliver(
  index: number,
  secret: SecretSituation,
  situation: Situation,
  cluster: Cluster,
  resource: ApiResource,
): Promise<void> {
  if (secret.delivery === 'nowhere') return;
  const before = secretObject(index, secret, situation, 'before');
  if (secret.delivery === 'apply') await cluster.apply(resource, before, { fieldManager: 'kubectl' });
  else await cluster.create(resource, withLastApplied(before), { fieldManager: 'kubectl-client-side-apply' });
  const data: JsonObject = {};
  for (const { name, before: was, live } of secret.keys) {
    if (was !== live) data[name] = live === undefined ? null : base64(situation.values[live]);
  }
  const edit = secret.immutable ? { metadata: { labels: { edited: 'true' } } } : { data };
  await cluster.patch(resource, 'default', `secret${index}`, edit, { type: 'merge', fieldManager: 'kubectl-edit' });
}

function manifest(index: number, secret: SecretSituation, situation: Situation): string {
  const object = faulty(secretObject(index, secret, situation, 'git'), secret, situation);
  const text = secret.format === 'yaml' ? printYaml(object) : printJson(object, 2);
  if (secret.damage === undefined) return text;
  const { at, length, text: piece } = secret.damage;
  // Behind what says that it is a Secret.
  const head = /^\s*"?(?:type|immutable|data|stringData|stringdata)"?:/m.exec(text)?.index ?? text.length;
  const place = head + (at % Math.max(1, text.length - head));
  return text.slice(0, place) + piece + text.slice(place + length);
}

function secretObject(
  index: number,
  secret: SecretSituation,
  { values }: Situation,
  side: 'before' | 'git',
): KubeObject {
  const maps: Record<'data' | 'stringData', JsonObject> = { data: {}, stringData: {} };
  for (const key of secret.keys) {
    const value = key[side];
    if (value === undefined) continue;
    const bytes = values[value];
    const text = asText(bytes);
    if (key.map === 'stringData' && text !== undefined) maps.stringData[key.name] = text;
    else maps.data[key.name] = base64(bytes);
  }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `secret${index}`, namespace: 'default' },
    ...(secret.type === undefined ? {} : { type: secret.type }),
    ...(secret.immutable ? { immutable: true } : {}),
    ...(Object.keys(maps.data).length === 0 ? {} : { data: maps.data }),
    ...(Object.keys(maps.stringData).length === 0 ? {} : { stringData: maps.stringData }),
  };
}

/** A manifest that holds values where the API server takes none, as people write them. */
function faulty(object: KubeObject, { fault, keys }: SecretSituation, { values }: Situation): KubeObject {
  const [key] = keys;
  const name = key?.name ?? '';
  const text = Buffer.from(values[key?.git ?? 0] ?? []).toString('utf8');
  const { data, stringData, ...rest } = object;
  const all = { ...(data as JsonObject), ...(stringData as JsonObject) };
  const secret = rest;
  switch (fault) {
    case 'none':
      return object;
    case 'misspelt-map':
      return { ...secret, stringdata: all };
    case 'number':
      return { ...secret, stringData: { ...all, [name]: numberOf(text) } };
    case 'not-base64':
      return { ...secret, data: { ...all, [name]: text } };
    case 'list':
      return { ...secret, data: [text] };
    case 'nested':
      return { ...secret, stringData: { [name]: { inner: [text] } } };
    case 'annotation':
      return {
        ...object,
        metadata: {
          ...object.metadata,
          annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `{"stringData": {"a": ${text}` },
        },
      };
    case 'sops':
      return { ...object, data: { ...all, sealed: base64(Buffer.from('ENC[AES256_GCM,data:x]')) }, sops: { mac: 'x' } };
  }
}

function numberOf(text: string): Json {
  return /^\d{4,15}$/.test(text) ? Number(text) : text;
}

function asText(bytes: Uint8Array | undefined): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

export function base64(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('base64');
}

/** Renderers that find no program: what is drawn here needs none. */
export function renderers(): ClusterScope['renderers'] {
  const runner = new SpawnRunner({ environment: () => ({ PATH: '' }) });
  return {
    directory: new DirectoryRenderer(),
    kustomize: new KustomizeRenderer(runner),
    helm: new HelmRenderer(runner),
  };
}
