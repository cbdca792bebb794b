import { twinOf } from '../../core/kustomize/candidates.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import { stringAt } from '../../core/json.ts';
import { joinPath } from '../../core/repositoryPath.ts';

/**
 * A kustomization beside a copy of the tree that asks kustomize for the origins of what it builds. It may change the output, so it
 * serves origins alone (design §3.1). `path` is that of the source in the tree.
 */
export function originWrapper(path: string): string {
  return `buildMetadata: [originAnnotations]\nresources: [${JSON.stringify(`../tree/${path}`)}]\n`;
}

/** The file that each object came from, by its origin annotation; objects of generators have none. */
export function originFiles(objects: readonly KubeObject[], built: readonly KubeObject[]): Map<KubeObject, string> {
  const files = new Map<KubeObject, string>();
  for (const object of objects) {
    const twin = twinOf(object, built);
    const origin = stringAt(twin, 'metadata', 'annotations', 'config.kubernetes.io/origin');
    const path = /^path: (.*)$/m.exec(origin ?? '')?.[1];
    const file = path === undefined ? undefined : joinPath('aside', path);
    if (file?.startsWith('tree/')) files.set(object, file.slice('tree/'.length));
  }
  return files;
}
