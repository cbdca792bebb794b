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
import type { DeclaredTarget } from './target.ts';

export interface HelmPreparation {
  gunzip: Gunzip;
  skipKinds: ReadonlySet<string>;
  signal?: AbortSignal;
}

/** A Secret holds at most 1 MB, which is packed. */
const largestRelease = 32 * 1024 * 1024;

type ReleaseAnswer = StoredRelease | { why: string };

/**
 * Prepares a HelmRelease from the manifest that Helm stored with the release, without rendering: its chart is not in this repository
 * (design §3.1). What Git would upgrade to is not known then, so all that can be told is what moved in the cluster (§2.1, rule c). While an
 * upgrade runs, and after one that failed, what the attempted version says counts as applied as well: nobody edited it.
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
  const read = async (version: number): Promise<ReleaseAnswer> => {
    const name = releaseSecretName(deployed.name, version);
    const where = `Secret ${deployed.storageNamespace}/${name}`;
    try {
      const secret = await cluster.get(secrets, deployed.storageNamespace, name, signal);
      if (secret === undefined) return { why: `${where}, which holds the release, is not there` };
      const packed = encodedRelease(secret);
      const stored = packed === undefined ? undefined : readStoredRelease(await gunzip(packed, largestRelease));
      return stored ?? { why: `${where} holds no release of Helm` };
    } catch (error) {
      signal?.throwIfAborted();
      if (ClusterError.is(error) && !ClusterError.is(error, 'forbidden')) throw error;
      const why = ClusterError.is(error) ? 'may not be read' : 'cannot be unpacked';
      return { why: `${where}, which holds the release, ${why}` };
    }
  };
  const stored = await read(deployed.version);
  if ('why' in stored) return notCompared(found, stored.why);
  const attempts = await Promise.all(release.attempted.map(read));
  const [attempt] = attempts.flatMap((answer) => ('why' in answer ? [] : [answer]));
  const identify = ({ manifest, namespace }: StoredRelease): ReturnType<typeof identifyTargets> => {
    const objects = readManifests(manifest, { profile: 'raw' }).documents.map(({ object }) => ({ object }));
    return identifyTargets(application, objects, { discovery, defaultNamespace: namespace, skipKinds });
  };
  const { targets, problems } = identify(stored);
  const schemaProblems = await schemas.prepare(
    targets.filter(({ resource }) => resource !== undefined).map(({ rendered }) => groupVersionKindOf(rendered.object)),
    signal,
  );
  const byKey = (some: readonly DeclaredTarget[]): Map<string, KubeObject> =>
    new Map(some.map((target) => [keyText(target.key), target.rendered.object]));
  const objects = byKey(targets);
  const attempted = byKey(attempt === undefined ? [] : identify(attempt).targets);
  const versions = attempt === undefined ? [stored] : [stored, attempt];
  const isTainted = await taintOf(found, versions, cluster, secrets, signal);
  return {
    application,
    targets,
    extras: [],
    inventory: new Set(objects.keys()),
    applied: (key) => {
      const object = objects.get(keyText(key));
      const alternative = attempted.get(keyText(key));
      return {
        basis: 'release',
        ...(object === undefined ? {} : { object }),
        ...(alternative === undefined ? {} : { alternative }),
      };
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
  stored: readonly StoredRelease[],
  cluster: Cluster,
  secrets: ApiResource,
  signal: AbortSignal | undefined,
): Promise<TaintPredicate | undefined> {
  const references = release.valuesFrom.filter(({ kind }) => kind === 'Secret');
  if (references.length === 0) return undefined;
  const spelledOut = new Set(scalarsIn(release.values));
  const values = new Set(
    stored.flatMap((version) => scalarsIn(version.values)).filter((value) => !spelledOut.has(value)),
  );
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
