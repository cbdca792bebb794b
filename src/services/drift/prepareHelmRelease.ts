import {
  type StoredRelease,
  encodedRelease,
  readStoredRelease,
  releaseSecretName,
} from '../../core/delivery/helm/release.ts';
import type { ValuesReference } from '../../core/delivery/flux/fluxHelmRelease.ts';
import type { TaintPredicate } from '../../core/drift/mask.ts';
import { spellingsOf } from '../../core/drift/redact.ts';
import { decodeBase64 } from '../../core/text/base64.ts';
import { type Json, isJsonObject, stringAt } from '../../core/json.ts';
import { type KubeObject, groupVersionKindOf, keyText } from '../../core/kube/objectKey.ts';
import { readManifests, readYamlValues } from '../../core/manifest/readManifests.ts';
import type { Problem } from '../../core/problem.ts';
import type { ApiResource, Cluster } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { Gunzip } from '../../ports/gunzip.ts';
import type { HelmFound } from '../applications/helmReleases.ts';
import { identifyTargets } from './identifyTargets.ts';
import { type PreparedApplication, emptyPreparation } from './prepareComparison.ts';
import type { SchemaCache } from './schemaCache.ts';

export interface HelmPreparation {
  gunzip: Gunzip;
  skipKinds: ReadonlySet<string>;
  signal?: AbortSignal;
}

/** A Secret holds at most 1 MB, which is packed. */
const largestRelease = 32 * 1024 * 1024;

/**
 * Prepares a HelmRelease from the manifest that Helm stored with the release, without rendering: its chart is not in this repository
 * (design §3.1). What Git would upgrade to is not known then, so all that can be told is what moved in the cluster (§2.1, rule c).
 */
export async function prepareHelmRelease(
  found: HelmFound,
  cluster: Cluster,
  schemas: SchemaCache,
  { gunzip, skipKinds, signal }: HelmPreparation,
): Promise<PreparedApplication> {
  const { application, release, ignore, place } = found;
  const { deployed } = release;
  const discovery = await cluster.discover(signal === undefined ? {} : { signal });
  const secrets = discovery.resources.find(({ group, kind }) => group === '' && kind === 'Secret');
  if (deployed === undefined || secrets === undefined) return emptyPreparation(application);
  const secretName = releaseSecretName(deployed.name, deployed.version);
  const where = `Secret ${deployed.storageNamespace}/${secretName}`;
  let stored: StoredRelease | undefined;
  try {
    const secret = await cluster.get(secrets, deployed.storageNamespace, secretName, signal);
    if (secret === undefined) return notCompared(found, `${where}, which holds the release, is not there`);
    const packed = encodedRelease(secret);
    stored = packed === undefined ? undefined : readStoredRelease(await gunzip(packed, largestRelease));
  } catch (error) {
    signal?.throwIfAborted();
    if (ClusterError.is(error) && !ClusterError.is(error, 'forbidden')) throw error;
    const why = ClusterError.is(error) ? 'may not be read' : 'cannot be unpacked';
    return notCompared(found, `${where}, which holds the release, ${why}`);
  }
  if (stored === undefined) return notCompared(found, `${where} holds no release of Helm`);
  const { documents } = readManifests(stored.manifest, { profile: 'raw' });
  const { targets, problems } = identifyTargets(
    application,
    documents.map(({ object }) => ({ object })),
    { discovery, defaultNamespace: stored.namespace, skipKinds },
  );
  const schemaProblems = await schemas.prepare(
    targets.filter(({ resource }) => resource !== undefined).map(({ rendered }) => groupVersionKindOf(rendered.object)),
    signal,
  );
  const objects = new Map(targets.map((target) => [keyText(target.key), target.rendered.object]));
  const isTainted = await taintOf(found, stored, cluster, secrets, signal);
  return {
    application,
    targets,
    extras: [],
    inventory: new Set(objects.keys()),
    applied: (key) => {
      const object = objects.get(keyText(key));
      return { basis: 'release', ...(object === undefined ? {} : { object }) };
    },
    ...(ignore.length === 0 ? {} : { ignore }),
    ...(release.correctsDrift ? { selfHeal: true as const } : {}),
    ...(isTainted === undefined ? {} : { isTainted }),
    place,
    files: [place.file],
    problems: [...problems, ...schemaProblems],
    rendered: true,
  };
}

function notCompared({ application, release }: HelmFound, why: string): PreparedApplication {
  const problem: Problem = {
    code: 'not-checked',
    severity: 'error',
    message: `HelmRelease ${release.namespace}/${release.name} was not checked: ${why}.`,
    remedy: 'Its objects are compared with the release that Helm stored; ask for the right to get that one Secret.',
    application: application.id,
  };
  return { ...emptyPreparation({ ...application, notCompared: why }), problems: [problem] };
}

/**
 * Values that the release got from Secrets, wherever the chart put them. A Secret that cannot be read taints everything: then any value
 * may be one of its. The values that are stored with the release count as well, but for what the HelmRelease spells out: the Secret may
 * hold another value by now, and what was released still runs with the old one.
 */
async function taintOf(
  { release }: HelmFound,
  stored: StoredRelease,
  cluster: Cluster,
  secrets: ApiResource,
  signal: AbortSignal | undefined,
): Promise<TaintPredicate | undefined> {
  const references = release.valuesFrom.filter(({ kind }) => kind === 'Secret');
  if (references.length === 0) return undefined;
  const spelledOut = new Set(scalarsIn(release.values));
  const values = new Set(scalarsIn(stored.values).filter((value) => !spelledOut.has(value)));
  for (const reference of references) {
    try {
      const secret = await cluster.get(secrets, release.namespace, reference.name, signal);
      if (secret !== undefined) for (const value of secretValues(secret, reference)) values.add(value);
    } catch (error) {
      if (!ClusterError.is(error, 'forbidden')) throw error;
      return () => true;
    }
  }
  const spellings = spellingsOf(values);
  return (_segments, value) =>
    value !== undefined && typeof value !== 'object' && spellings.some((spelling) => String(value).includes(spelling));
}

function secretValues(secret: KubeObject, { key, targetPath }: ValuesReference): string[] {
  const text = decodeBase64(stringAt(secret, 'data', key) ?? '') ?? '';
  // Helm takes a value for one place as it takes the text of a `--set`: with commas.
  if (targetPath !== undefined) return [text, ...text.split(',')];
  return readYamlValues(text, { profile: 'raw' }).values.flatMap(scalarsIn);
}

/** Switches are no secrets, and would taint half of all values. */
function scalarsIn(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(scalarsIn);
  if (isJsonObject(value)) return Object.values(value).flatMap(scalarsIn);
  return value === null || typeof value === 'boolean' ? [] : [String(value)];
}
