import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { objectPath, type ApiClient } from './apiClient.ts';
import { until } from './until.ts';

interface Crd {
  spec: { group: string; names: { plural: string }; versions: { name: string; served: boolean }[] };
  status?: { conditions?: { type: string; status: string }[] };
}

const collection = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

async function served(api: ApiClient, name: string): Promise<boolean> {
  const { status, body } = await api.get(`${collection}/${name}`);
  if (status !== 200) return false;
  const crd = JSON.parse(body) as Crd;
  const established = crd.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True');
  const version = crd.spec.versions.find((candidate) => candidate.served);
  if (established !== true || version === undefined) return false;
  // For about a second after that, lists still answer 429 "storage is (re)initializing".
  const list = await api.get(objectPath(`${crd.spec.group}/${version.name}`, crd.spec.names.plural));
  return list.status === 200;
}

/** Applies every CRD of a folder and waits until its objects can be listed. */
export async function installCrds(api: ApiClient, folder: string): Promise<void> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml'));
  const names = await Promise.all(
    // By server-side apply, as one of Argo CD's is too big for the last-applied annotation.
    files.map(async (file) => api.applyYaml(collection, await readFile(join(folder, file), 'utf8'))),
  );
  await Promise.all(names.map((name) => until(`${name} served`, () => served(api, name))));
}
