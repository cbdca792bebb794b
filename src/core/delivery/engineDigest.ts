import { type Json, type JsonObject, fieldAt, isJsonObject, listAt, stringAt } from '../json.ts';
import { printJson } from '../jsonText.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import { helmActionOf } from './flux/fluxHelmRelease.ts';
import { hasFailedToApply } from './flux/fluxKustomization.ts';

/** What reports say of an engine's object comes from these; the rest is bookkeeping of its controller. */
const told: readonly (readonly string[])[] = [
  ['spec'],
  ['status', 'lastAppliedRevision'],
  ['status', 'lastAttemptedRevision'],
  ['status', 'inventory'],
  ['status', 'artifact', 'revision'],
  ['status', 'sync', 'status'],
  ['status', 'sync', 'revision'],
  ['status', 'health'],
  ['status', 'operationState', 'phase'],
  ['status', 'operationState', 'message'],
  ['status', 'operationState', 'syncResult', 'revision'],
];

/** Annotations by which people stop an engine, and say why. */
const annotations = [
  'argocd.argoproj.io/skip-reconcile',
  'plumbline.dev/suspend-reason',
  'reconcile.fluxcd.io/suspend-reason',
];

/**
 * Equal for two states of a Kustomization, HelmRelease, GitRepository or Application that no report tells apart: a reconcile that changed nothing, a
 * timestamp, a condition on its way.
 */
export function engineDigest(object: KubeObject): string {
  const parts: Json[] = told.map((path) => fieldAt(object, ...path) ?? null);
  parts.push(annotations.map((name) => stringAt(object, 'metadata', 'annotations', name) ?? null));
  parts.push(fieldAt(object, 'metadata', 'generation') === fieldAt(object, 'status', 'observedGeneration'));
  parts.push(listAt(object, 'status', 'conditions').filter(isTold).map(withoutTimes));
  parts.push(listAt(object, 'status', 'history').map(versionOf));
  parts.push(helmActionOf(object) ?? null, hasFailedToApply(object));
  parts.push(listAt(object, 'status', 'resources').map(identityOf));
  return printJson(parts);
}

/**
 * What Flux says has failed, and all that Argo CD says, whose conditions have no status. Ready turns Unknown and True again with each
 * reconcile, which is no news.
 */
function isTold(condition: Json): boolean {
  const status = stringAt(condition, 'status');
  const type = stringAt(condition, 'type');
  return (
    status === undefined || (type === 'Stalled' ? status === 'True' : type !== 'Reconciling' && status === 'False')
  );
}

function withoutTimes(condition: Json): Json {
  return ['type', 'status', 'reason', 'message'].map((name) => fieldAt(condition, name) ?? null);
}

/** Of a HelmRelease, whose history keeps its length while versions go by; entries of the others have no version. */
function versionOf(entry: Json): Json {
  const version = fieldAt(entry, 'version') ?? null;
  return version === null ? null : [version, fieldAt(entry, 'status') ?? null];
}

function identityOf(resource: Json): Json {
  const kept: JsonObject = {};
  if (!isJsonObject(resource)) return kept;
  for (const name of ['group', 'kind', 'namespace', 'name', 'requiresPruning']) kept[name] = resource[name] ?? null;
  return kept;
}
