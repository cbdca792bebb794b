import type { Document } from 'yaml';
import { FieldSites } from './fieldSites.ts';
import { type Shift, embeddedSites, patchTextSites, siteOfLeaf } from './leafSites.ts';
import { leavesOf } from './leaves.ts';
import type { Site } from './site.ts';
import { childOf, stringOf } from './yamlTree.ts';

/** The values that a document under `transformers` or `generators` sets. `text` is what the document was read from. */
export function pluginSites(file: string, text: string, document: Document.Parsed, shift: Shift): Site[] {
  const top = document.contents;
  const fields = new FieldSites(file, document, shift);
  switch (stringOf(childOf(top, 'kind', document))) {
    case 'LabelTransformer':
      fields.addMap(top, 'labels', 'label');
      return fields.sites;
    case 'AnnotationsTransformer':
      fields.addMap(top, 'annotations', 'label');
      return fields.sites;
    case 'ImageTagTransformer': {
      const image = fields.child(top, 'imageTag');
      for (const key of ['newTag', 'newName', 'digest', 'tagSuffix']) {
        fields.add(image, key, { fields: ['image'], via: 'image', partial: true });
      }
      return fields.sites;
    }
    case 'ReplicaCountTransformer':
      fields.add(fields.child(top, 'replica'), 'count', { fields: ['replicas'], via: 'replica', form: 'integer' });
      return fields.sites;
    case 'NamespaceTransformer':
      fields.add(fields.child(top, 'metadata'), 'namespace', {
        fields: ['namespace'],
        via: 'namespace',
        binding: 'identity',
      });
      return fields.sites;
    case 'PrefixTransformer':
    case 'SuffixTransformer':
      for (const key of ['prefix', 'suffix']) {
        fields.add(top, key, { fields: ['name'], via: 'namespace', binding: 'identity', partial: true });
      }
      return fields.sites;
    case 'ConfigMapGenerator':
    case 'SecretGenerator':
      fields.addGenerator(top, text);
      return fields.sites;
    case 'PatchTransformer':
    case 'PatchJson6902Transformer':
    case 'PatchStrategicMergeTransformer':
      return ['patch', 'jsonOp', 'patches'].flatMap((key) => {
        const node = fields.child(top, key);
        // Embedded once more: offsets of the patch are mapped to this document, and from there to the file.
        const outer = typeof shift === 'number' ? (offset: number) => offset + shift : shift;
        if (node === undefined) return [];
        return embeddedSites(text, node, (inner, map) => {
          const both =
            typeof map === 'number' ? (offset: number) => outer(offset + map) : (offset: number) => outer(map(offset));
          return patchTextSites(file, inner, both);
        });
      });
    default:
      // A plugin that is not builtin, or resources that a generator lists: any of its values may come through.
      return leavesOf(top).flatMap((leaf) => siteOfLeaf(file, leaf, leaf.path, 'patch', shift));
  }
}
