import { type Json, isJsonObject } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import { rewrite, rewriteAt, rewritePodSpec } from './podSpecs.ts';

const portLists = ['containers', 'initContainers'] as const;

/**
 * Ports without a protocol are TCP (semantics N-5). The schema's key default says so too; this serves where the cluster has none.
 */
export function normalisePorts(object: KubeObject): KubeObject {
  if (object.kind === 'Service') return rewriteAt(object, ['spec', 'ports'], withProtocols);
  return rewritePodSpec(object, (spec) => portLists.reduce((result, list) => rewrite(result, [list], withPorts), spec));
}

function withPorts(containers: Json): Json {
  return mapList(containers, (container) => rewrite(container, ['ports'], withProtocols));
}

function withProtocols(ports: Json): Json {
  return mapList(ports, (port) =>
    isJsonObject(port) && (port['protocol'] ?? '') === '' ? { ...port, protocol: 'TCP' } : port,
  );
}

function mapList(items: Json, change: (item: Json) => Json): Json {
  if (!Array.isArray(items)) return items;
  const changed = items.map(change);
  return changed.every((item, index) => item === items[index]) ? items : changed;
}
