import { leavesOf, fieldsOf } from '../../core/kustomize/leaves.ts';
import type { Site } from '../../core/kustomize/site.ts';
import { parseYamlTree, spanOf } from '../../core/kustomize/yamlTree.ts';

/** The leaves of a file of values, as places that may decide what templates make of them. */
export function valuesSites(file: string, text: string): Site[] {
  return parseYamlTree(text).documents.flatMap((document) =>
    leavesOf(document.contents).flatMap((leaf): Site[] => {
      const span = spanOf(leaf.node);
      // Empty maps and lists, and values left empty, come out as nothing that could be recognised.
      if (!span || leaf.value === null || leaf.value === '' || typeof leaf.value === 'object') return [];
      return [
        {
          file,
          span,
          value: leaf.value,
          fields: fieldsOf(leaf.path),
          anchored: false,
          via: 'values',
          form: typeof leaf.value === 'boolean' ? 'boolean' : typeof leaf.value === 'string' ? 'yaml' : 'integer',
          binding: 'none',
          partial: true,
        },
      ];
    }),
  );
}
