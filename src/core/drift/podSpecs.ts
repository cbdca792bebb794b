import { type Json, type JsonObject, field } from '../json.ts';
import { type KubeObject, groupVersionKindOf } from '../kube/objectKey.ts';

const template = ['spec', 'template', 'spec'];

/** By group and kind; the version says nothing of it. */
const podSpecPaths: ReadonlyMap<string, readonly string[]> = new Map([
  ['/Pod', ['spec']],
  ['apps/Deployment', template],
  ['apps/StatefulSet', template],
  ['apps/DaemonSet', template],
  ['apps/ReplicaSet', template],
  ['batch/Job', template],
  ['batch/CronJob', ['spec', 'jobTemplate', ...template]],
]);

/** From an object of a built-in kind that runs Pods to what describes them; undefined for all others. */
export function podSpecPath(object: KubeObject): readonly string[] | undefined {
  return podSpecPaths.get(`${groupVersionKindOf(object).group}/${object.kind}`);
}

/** Replaces the value at a path of an object; the very same object back where nothing changed or nothing is there. */
export function rewriteAt(object: KubeObject, path: readonly string[], change: (found: Json) => Json): KubeObject {
  return rewrite(object, path, change) as KubeObject;
}

export function rewritePodSpec(object: KubeObject, change: (spec: Json) => Json): KubeObject {
  const path = podSpecPath(object);
  return path === undefined ? object : rewriteAt(object, path, change);
}

export function rewrite(value: Json, path: readonly string[], change: (found: Json) => Json, from = 0): Json {
  const key = path[from];
  if (key === undefined) return change(value);
  const found = field(value, key);
  if (found === undefined) return value;
  const changed = rewrite(found, path, change, from + 1);
  return changed === found ? value : { ...(value as JsonObject), [key]: changed };
}
