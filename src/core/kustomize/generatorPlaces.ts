import { type KubeObject, nameOf } from '../kube/objectKey.ts';
import type { Span } from '../text/span.ts';
import type { GraphFile } from './graph.ts';
import { childOf, itemsOf, spanOf, stringOf } from './yamlTree.ts';

/** Where a kustomization declares a ConfigMap or Secret that it generates: the generator's name. */
export function generatorPlace(
  object: KubeObject,
  files: readonly GraphFile[],
): { file: GraphFile; span: Span } | undefined {
  const key =
    object.kind === 'Secret' ? 'secretGenerator' : object.kind === 'ConfigMap' ? 'configMapGenerator' : undefined;
  if (key === undefined) return undefined;
  let best: { file: GraphFile; span: Span; length: number } | undefined;
  for (const file of files) {
    const document = file.kustomization?.document;
    if (document === undefined) continue;
    for (const generator of itemsOf(childOf(document.contents, key, document))) {
      const node = childOf(generator, 'name', document);
      const name = stringOf(node);
      const span = node && spanOf(node);
      if (name === undefined || !span || !nameOf(object).includes(name)) continue;
      // The longest name that fits; of equal ones the first, since overlays only merge into what a base generates.
      if (best === undefined || name.length > best.length) best = { file, span, length: name.length };
    }
  }
  return best;
}
