import type { KubeObject } from '../../core/kube/objectKey.ts';
import { readManifests } from '../../core/manifest/readManifests.ts';

/** The output of a build. It is kustomize's own YAML, so nothing of it is a problem; lists in it are taken apart. */
export function builtObjects(text: string): KubeObject[] {
  return readManifests(text, { profile: 'kustomize', maxBytes: Number.MAX_SAFE_INTEGER }).documents.map(
    (document) => document.object,
  );
}
