import { type Json, type JsonObject, field, isJsonObject } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';

/** From the object to what holds containers, for every kind that has them. */
const podSpecPaths: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
};
const templatePath = ['spec', 'template', 'spec'];
const portLists = ['containers', 'initContainers'] as const;

/**
 * Ports without a protocol are TCP (semantics N-5). The schema's key default says so too; this serves where the cluster has none.
 */
export function normalisePorts(object: KubeObject): KubeObject {
  if (object.kind === 'Service') return rewrite(object, ['spec', 'ports'], withProtocols) as KubeObject;
  const path = podSpecPaths[object.kind] ?? templatePath;
  return portLists.reduce((result, list) => {
    const containers = [...path, list];
    return rewrite(result, containers, (items) =>
      mapList(items, (container) => rewrite(container, ['ports'], withProtocols)),
    ) as KubeObject;
  }, object);
}

function withProtocols(ports: Json): Json {
  return mapList(ports, (port) =>
    isJsonObject(port) && (port['protocol'] ?? '') === '' ? { ...port, protocol: 'TCP' } : port,
  );
}

/** Replaces the value at a path; the same value back where nothing changed. */
function rewrite(value: Json, path: readonly string[], change: (found: Json) => Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return change(value);
  const found = field(value, key);
  if (found === undefined) return value;
  const changed = rewrite(found, rest, change);
  return changed === found ? value : { ...(value as JsonObject), [key]: changed };
}

function mapList(items: Json, change: (item: Json) => Json): Json {
  if (!Array.isArray(items)) return items;
  const changed = items.map(change);
  return changed.every((item, index) => item === items[index]) ? items : changed;
}
