import type { PathSegment } from '../location.ts';

/** Labels and annotations that engines and Helm put on what they apply; Git never holds them (semantics appendix 1 rows 21, 22). */
const prefixes = [
  'kustomize.toolkit.fluxcd.io/',
  'helm.toolkit.fluxcd.io/',
  'argocd.argoproj.io/',
  'meta.helm.sh/',
  'applyset.kubernetes.io/',
  'applyset.k8s.io/',
];
const labels: ReadonlySet<string> = new Set(['app.kubernetes.io/instance', 'app.kubernetes.io/managed-by']);

/** Whether a path is a label or annotation by which an engine knows its own objects. */
export function isTrackingKey(segments: readonly PathSegment[]): boolean {
  const [metadata, map, key] = segments;
  if (metadata === undefined || map === undefined || key === undefined || !('field' in metadata)) return false;
  if (metadata.field !== 'metadata' || !('field' in map) || !('field' in key)) return false;
  if (map.field === 'labels' && labels.has(key.field)) return true;
  return (
    (map.field === 'labels' || map.field === 'annotations') && prefixes.some((prefix) => key.field.startsWith(prefix))
  );
}
