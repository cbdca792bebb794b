import { applyJsonPatch } from '../apply/jsonPatch.ts';
import { applyMergePatch } from '../apply/mergePatch.ts';
import { type Json, type JsonObject, fieldAt, stringAt } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import { invalidValue } from './fieldError.ts';
import type { PatchRequest, WriteRequest } from './requests.ts';
import { labelSelectorText } from './selectors.ts';
import type { ServedKind } from './servedKind.ts';
import type { SimulatedCluster } from './simulatedCluster.ts';
import { StatusError, invalid, staleVersion } from './statusError.ts';

/** Where an object keeps what a Scale shows. */
function pathsOf(kind: ServedKind): { spec: string[]; status: string[]; selector: string[] | undefined } {
  const scale = kind.custom?.scale;
  if (scale === undefined)
    return { spec: ['spec', 'replicas'], status: ['status', 'replicas'], selector: ['spec', 'selector'] };
  const split = (path: string): string[] => path.split('.').filter((part) => part !== '');
  return {
    spec: split(scale.specReplicasPath),
    status: split(scale.statusReplicasPath),
    selector: scale.labelSelectorPath === undefined ? undefined : split(scale.labelSelectorPath),
  };
}

/** The `scale` subresource of an object. */
export function getScale(cluster: SimulatedCluster, kind: ServedKind, namespace: string, name: string): JsonObject {
  return scaleOf(cluster.get(kind, namespace, name), kind);
}

function scaleOf(object: KubeObject, kind: ServedKind): JsonObject {
  const paths = pathsOf(kind);
  const metadata: JsonObject = {};
  for (const key of ['name', 'namespace', 'uid', 'resourceVersion', 'creationTimestamp']) {
    const value = object.metadata[key];
    if (value !== undefined) metadata[key] = value;
  }
  const selector = paths.selector === undefined ? undefined : fieldAt(object, ...paths.selector);
  const text = typeof selector === 'string' ? selector : labelSelectorText(selector);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata,
    spec: { replicas: numberAt(object, paths.spec) },
    status: { replicas: numberAt(object, paths.status), ...(text === '' ? {} : { selector: text }) },
  };
}

function numberAt(object: Json, path: readonly string[]): number {
  const value = fieldAt(object, ...path);
  return typeof value === 'number' ? value : 0;
}

export function updateScale(
  cluster: SimulatedCluster,
  kind: ServedKind,
  namespace: string,
  name: string,
  body: Json,
  request: WriteRequest,
): JsonObject {
  const live = cluster.get(kind, namespace, name);
  const version = stringAt(body, 'metadata', 'resourceVersion') ?? '';
  if (version !== '' && version !== live.metadata['resourceVersion']) throw staleVersion(kind, name);
  const replicas = fieldAt(body, 'spec', 'replicas') ?? 0;
  if (typeof replicas !== 'number' || replicas < 0) {
    const error = invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0');
    throw invalid({ group: 'autoscaling', kind: 'Scale' }, name, [error]);
  }
  const patch = pathsOf(kind).spec.reduceRight<Json>((inner, part) => ({ [part]: inner }), replicas);
  const result = cluster.patch(kind, namespace, name, patch, { ...request, type: 'merge', subresource: 'scale' });
  return scaleOf(result.object, kind);
}

export function patchScale(
  cluster: SimulatedCluster,
  kind: ServedKind,
  namespace: string,
  name: string,
  patch: Json,
  request: PatchRequest,
): JsonObject {
  const scale = getScale(cluster, kind, namespace, name);
  if (request.type !== 'json')
    return updateScale(cluster, kind, namespace, name, applyMergePatch(scale, patch), request);
  const patched = applyJsonPatch(scale, patch);
  if (patched.result === 'invalid') throw new StatusError(422, 'Invalid', patched.error);
  return updateScale(cluster, kind, namespace, name, patched.object, request);
}
