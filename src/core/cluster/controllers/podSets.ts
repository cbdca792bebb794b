import { type Json, type JsonObject, fieldAt, isJsonObject, listAt } from '../../json.ts';
import { type KubeObject, nameOf, namespaceOf } from '../../kube/objectKey.ts';
import { controllerReference, randomSuffix } from '../metadata.ts';
import type { SimulatedCluster } from '../simulatedCluster.ts';
import { StatusError } from '../statusError.ts';
import { controllerManager, kindOf, mapAt, textAt } from './controlled.ts';

/** Making and judging the Pods of an owner. */
export const podStorage = '/pods';

/** Makes a Pod from the owner's template. Undefined where the cluster refuses it, as while a service account is missing. */
export function makePod(
  cluster: SimulatedCluster,
  owner: KubeObject,
  options: { name?: string; labels?: JsonObject; spec?: JsonObject } = {},
): KubeObject | undefined {
  const kind = kindOf(cluster, podStorage);
  if (kind === undefined) return undefined;
  const template = mapAt(owner, 'spec', 'template');
  const metadata = mapAt(template, 'metadata');
  const annotations = metadata['annotations'];
  const namespace = namespaceOf(owner);
  const pod: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: options.name ?? `${nameOf(owner)}-${randomSuffix(() => cluster.random())}`,
      ...(options.name === undefined ? { generateName: `${nameOf(owner)}-` } : {}),
      namespace,
      labels: { ...mapAt(metadata, 'labels'), ...options.labels },
      ...(isJsonObject(annotations) ? { annotations } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    spec: { ...mapAt(template, 'spec'), ...options.spec },
  };
  try {
    return cluster.create(kind, namespace, pod, { fieldManager: controllerManager }).object;
  } catch (error) {
    if (StatusError.is(error)) return undefined;
    throw error;
  }
}

export function removePod(cluster: SimulatedCluster, pod: KubeObject): void {
  const kind = kindOf(cluster, podStorage);
  if (kind !== undefined && cluster.find(kind, namespaceOf(pod), nameOf(pod)) !== undefined) {
    cluster.delete(kind, namespaceOf(pod), nameOf(pod));
  }
}

export function isReady(pod: KubeObject): boolean {
  return listAt(pod, 'status', 'conditions').some(
    (condition) => textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'True',
  );
}

/** Ready for as long as the owner wants it to be; `undefined` where it is, else when it will be. */
export function availableAt(pod: KubeObject, minReadySeconds: number, now: Date): Date | undefined | 'unready' {
  if (!isReady(pod)) return 'unready';
  if (minReadySeconds === 0) return undefined;
  const condition = listAt(pod, 'status', 'conditions').find((one) => textAt(one, 'type') === 'Ready');
  const at = new Date(Date.parse(textAt(condition, 'lastTransitionTime')) + minReadySeconds * 1000);
  return at <= now ? undefined : at;
}

/** Those that are missed least first: not ready, then youngest. */
export function leastMissedFirst(pods: readonly KubeObject[]): KubeObject[] {
  return [...pods].sort((a, b) => Number(isReady(a)) - Number(isReady(b)) || compareText(createdAt(b), createdAt(a)));
}

function createdAt(pod: KubeObject): string {
  return textAt(pod, 'metadata', 'creationTimestamp');
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** A Pod template without what a controller added to its labels. */
export function templateOf(owner: KubeObject, withoutLabel?: string): Json {
  const template = mapAt(owner, 'spec', 'template');
  if (withoutLabel === undefined) return template;
  const metadata = mapAt(template, 'metadata');
  const { [withoutLabel]: _, ...labels } = mapAt(metadata, 'labels');
  return { ...template, metadata: { ...metadata, labels } };
}

export function labelOf(object: KubeObject, key: string): string {
  const value = fieldAt(object, 'metadata', 'labels', key);
  return typeof value === 'string' ? value : '';
}
