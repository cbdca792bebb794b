import { type JsonObject, field, isJsonObject } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import type { PathSegment } from '../location.ts';
import type { EngineName } from '../report.ts';
import type { Applier } from './detectApplier.ts';

/** Labels and annotations that engines and Helm put on what they apply; Git never holds them (semantics appendix 1 rows 21, 22). */
const prefixes = [
  'kustomize.toolkit.fluxcd.io/',
  'helm.toolkit.fluxcd.io/',
  'argocd.argoproj.io/',
  'meta.helm.sh/',
  'applyset.kubernetes.io/',
  'applyset.k8s.io/',
];

/** Who delivers an object: the common labels are its own only under those that set them. */
export interface Deliverer {
  engine: EngineName;
  applier: Applier;
}

/** Whether a path is a label or annotation by which an engine knows its own objects. */
export function isTrackingKey(segments: readonly PathSegment[], deliverer: Deliverer): boolean {
  const [metadata, map, key] = segments;
  if (metadata === undefined || map === undefined || key === undefined || !('field' in metadata)) return false;
  if (metadata.field !== 'metadata' || !('field' in map) || !('field' in key)) return false;
  return (map.field === 'labels' || map.field === 'annotations') && isTracking(map.field, key.field, deliverer);
}

/**
 * What was applied without the keys that the engine put on it and Git does not declare: they stand in the last-applied annotation,
 * and are not Git's to drop.
 */
export function withoutTrackingKeys(applied: KubeObject, desired: KubeObject, deliverer: Deliverer): KubeObject {
  const metadata: JsonObject = { ...applied.metadata };
  for (const map of ['labels', 'annotations'] as const) {
    const values = applied.metadata[map];
    if (!isJsonObject(values)) continue;
    const declared = desired.metadata[map];
    const kept = Object.keys(values).filter(
      (key) => !isTracking(map, key, deliverer) || field(declared, key) !== undefined,
    );
    if (kept.length === 0) delete metadata[map];
    else metadata[map] = Object.fromEntries(kept.map((key) => [key, values[key] ?? null]));
  }
  return { ...applied, metadata };
}

function isTracking(map: 'labels' | 'annotations', key: string, { engine, applier }: Deliverer): boolean {
  if (prefixes.some((prefix) => key.startsWith(prefix))) return true;
  if (map === 'annotations') return false;
  if (key === 'app.kubernetes.io/instance') return engine === 'argocd';
  return key === 'app.kubernetes.io/managed-by' && applier.managers.some((name) => name.startsWith('helm'));
}
