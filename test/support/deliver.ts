import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { ControlPlane } from '../rig/cluster/controlPlane.ts';
import { until } from '../rig/cluster/until.ts';

/** The two ways in which kubectl applies. */
export type Way = 'server-side' | 'client-side';

export const ways: readonly Way[] = ['server-side', 'client-side'];

export interface DeliverOptions {
  readonly way: Way;
  /** For objects that name none; it is made where it does not exist. */
  readonly namespace?: string;
}

/** The last-applied annotation may not be longer than 262,144 bytes: what does not fit is applied server-side (semantics T-5). */
const annotationLimit = 262_144;

/** What has to be served before the rest can be applied. */
const comesFirst = /^kind: (Namespace|CustomResourceDefinition)$/m;

/** Builds a kustomization with kubectl and applies it with kubectl, as a person or a pipeline does. */
export async function deliverKustomization(
  plane: ControlPlane,
  folder: string,
  options: DeliverOptions,
): Promise<void> {
  // kustomize prints documents apart by lines of `---` alone, and keeps those of block scalars indented.
  const documents = (await plane.kubectl(['kustomize', folder])).split(/^---$/m);
  const early = documents.filter((document) => comesFirst.test(document));
  await deliverDocuments(plane, early, options);
  if (early.some((document) => /^kind: CustomResourceDefinition$/m.test(document))) {
    await plane.kubectl(['wait', '--for=condition=Established', 'customresourcedefinitions', '--all', '--timeout=30s']);
  }
  const rest = documents.filter((document) => !comesFirst.test(document));
  await deliverDocuments(plane, rest, options);
}

/** Applies YAML documents, those that are too large for an annotation always server-side. */
export async function deliverDocuments(
  plane: ControlPlane,
  documents: readonly string[],
  { way, namespace }: DeliverOptions,
): Promise<void> {
  const scope = await defaultNamespace(plane, namespace);
  const large = documents.filter((document) => text(document).length >= annotationLimit);
  const small = documents.filter((document) => !large.includes(document));
  const apply = async (chosen: readonly string[], flags: readonly string[]): Promise<void> => {
    if (chosen.length === 0) return;
    await plane.kubectl(['apply', ...flags, ...scope, '--filename=-'], { input: chosen.join('\n---\n') });
  };
  await apply(way === 'server-side' ? documents : large, ['--server-side']);
  if (way === 'client-side') await apply(small, []);
}

/** As long as its last-applied annotation would be. */
function text(document: string): string {
  return JSON.stringify(parse(document) ?? null);
}

/** Applies all manifests of a folder by `kubectl apply --recursive`. */
export async function deliverFolder(
  plane: ControlPlane,
  folder: string,
  { way, namespace }: DeliverOptions,
): Promise<void> {
  const scope = await defaultNamespace(plane, namespace);
  const flags = way === 'server-side' ? ['--server-side'] : [];
  const apply = ['apply', ...flags, ...scope, '--recursive', '--filename', folder];
  // Admission does not yet know a ServiceAccount that was made a moment ago: people apply again.
  const isApplied = async (): Promise<true> => plane.kubectl(apply).then(() => true);
  await until(`${folder} is applied`, isApplied, { timeout: 5000 });
}

/**
 * Flags for kubectl by which objects that name no namespace go to this one. Not by `--namespace`, which refuses the objects that do
 * name another.
 */
async function defaultNamespace(plane: ControlPlane, namespace: string | undefined): Promise<string[]> {
  if (namespace === undefined) return [];
  await makeNamespace(plane, namespace);
  const kubeconfig = join(plane.folder, `kubeconfig-of-${namespace}`);
  const text = await readFile(plane.kubeconfig, 'utf8');
  await writeFile(kubeconfig, text.replace('user: admin}', `user: admin, namespace: ${namespace}}`), { mode: 0o600 });
  return [`--kubeconfig=${kubeconfig}`];
}

async function makeNamespace(plane: ControlPlane, name: string): Promise<void> {
  if ((await plane.api.get(`/api/v1/namespaces/${name}`)).status === 200) return;
  await plane.api.send('POST', '/api/v1/namespaces', { metadata: { name } });
}
