import { FieldSites } from './fieldSites.ts';
import type { GraphFile } from './graph.ts';
import { embeddedSites, patchTextSites } from './leafSites.ts';
import { pluginSites } from './pluginSites.ts';
import type { Site } from './site.ts';
import { parseYamlTree } from './yamlTree.ts';

/** The values that a kustomization sets by its own fields: images, replicas, labels, generators, inline patches. */
export function kustomizationSites(file: GraphFile): Site[] {
  const document = file.kustomization?.document;
  if (file.kustomization === undefined || document === undefined) return [];
  const fields = new FieldSites(file.path, document, 0);
  const top = document.contents;
  for (const key of ['newTag', 'newName', 'digest', 'tagSuffix']) {
    for (const image of fields.items(top, 'images'))
      fields.add(image, key, { fields: ['image'], via: 'image', partial: true });
  }
  for (const replica of fields.items(top, 'replicas')) {
    fields.add(replica, 'count', { fields: ['replicas'], via: 'replica', form: 'integer' });
  }
  fields.addMap(top, 'commonLabels', 'label');
  fields.addMap(top, 'commonAnnotations', 'label');
  for (const label of fields.items(top, 'labels')) fields.addMap(label, 'pairs', 'label');
  fields.add(top, 'namespace', { fields: ['namespace'], via: 'namespace', binding: 'identity' });
  for (const key of ['namePrefix', 'nameSuffix']) {
    fields.add(top, key, { fields: ['name'], via: 'namespace', binding: 'identity', partial: true });
  }
  const options = fields.child(top, 'generatorOptions');
  for (const key of ['labels', 'annotations']) fields.addMap(options, key, 'generator');
  fields.add(options, 'immutable', { fields: ['immutable'], via: 'generator', form: 'boolean' });
  for (const generator of [...fields.items(top, 'configMapGenerator'), ...fields.items(top, 'secretGenerator')]) {
    fields.addGenerator(generator, file.text);
  }
  const inline = file.kustomization.inlines.flatMap(({ kind, node }) =>
    embeddedSites(file.text, node, (text, shift) => {
      if (kind === 'patch') return patchTextSites(file.path, text, shift);
      return parseYamlTree(text).documents.flatMap((inner) => pluginSites(file.path, text, inner, shift));
    }),
  );
  return [...fields.sites, ...inline];
}
