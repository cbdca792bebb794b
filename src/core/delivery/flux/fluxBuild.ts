import { type JsonObject, fieldAt, isJsonObject, listAt, stringAt } from '../../json.ts';
import type { KubeObject } from '../../kube/objectKey.ts';

/**
 * What a Flux Kustomization adds to the kustomization at its path, as fields of one (semantics F-2). Variables and decryption happen after
 * the build and are not among them: see `unbuildable`.
 */
export function fluxOverlay(kustomization: KubeObject): JsonObject {
  const spec = fieldAt(kustomization, 'spec');
  const overlay: JsonObject = {};
  const namespace = stringAt(spec, 'targetNamespace');
  if (namespace !== undefined) overlay['namespace'] = namespace;
  for (const name of ['namePrefix', 'nameSuffix'] as const) {
    const value = stringAt(spec, name);
    if (value !== undefined) overlay[name] = value;
  }
  for (const name of ['patches', 'images', 'components'] as const) {
    const value = listAt(spec, name);
    if (value.length > 0) overlay[name] = [...value];
  }
  return overlay;
}

/** Labels and annotations that Flux puts on every object after the build. */
export function commonMetadata(kustomization: KubeObject): { labels: JsonObject; annotations: JsonObject } {
  const labels = fieldAt(kustomization, 'spec', 'commonMetadata', 'labels');
  const annotations = fieldAt(kustomization, 'spec', 'commonMetadata', 'annotations');
  return { labels: isJsonObject(labels) ? labels : {}, annotations: isJsonObject(annotations) ? annotations : {} };
}

/** Why the plain build is not what Flux applies, where it is not; comparing it would be a false alarm. */
export function unbuildable(kustomization: KubeObject): string | undefined {
  if (listAt(kustomization, 'spec', 'postBuild', 'substituteFrom').length > 0)
    return 'variables come from objects of the cluster (spec.postBuild.substituteFrom)';
  if (fieldAt(kustomization, 'spec', 'decryption') !== undefined)
    return 'Secrets are decrypted in the cluster (spec.decryption)';
  if (fieldAt(kustomization, 'spec', 'kubeConfig') !== undefined)
    return 'it applies to another cluster (spec.kubeConfig)';
  return undefined;
}
