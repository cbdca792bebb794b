import { declaredObjects } from './declaredObjects.ts';
import type { GraphFile } from './graph.ts';
import { kustomizationSites } from './kustomizationSites.ts';
import { patchTextSites, siteOfLeaf } from './leafSites.ts';
import { leavesOf } from './leaves.ts';
import { pluginSites } from './pluginSites.ts';
import type { Site } from './site.ts';
import { parseYamlTree } from './yamlTree.ts';

/** All places of a file of the build that may decide a value. */
export function sitesOf(file: GraphFile): Site[] {
  switch (file.role) {
    case 'resource':
      return objectSites(file);
    case 'patch':
      return patchTextSites(file.path, file.text, 0);
    case 'plugin':
      return parseYamlTree(file.text).documents.flatMap((document) => pluginSites(file.path, file.text, document, 0));
    case 'kustomization':
      return kustomizationSites(file);
    case 'generator-file':
      return [wholeFile(file)];
    case 'generator-env':
      return envSites(file);
    case 'component':
    case 'replacement':
    case 'setting':
    case 'chart-home':
      return [];
  }
}

function objectSites(file: GraphFile): Site[] {
  return declaredObjects(file).flatMap(({ id, node }) =>
    leavesOf(node).flatMap((leaf) =>
      siteOfLeaf(file.path, leaf, leaf.path, 'manifest', 0).map((site) => ({ ...site, document: id })),
    ),
  );
}

function wholeFile(file: GraphFile): Site {
  return {
    file: file.path,
    span: { start: 0, end: file.text.length },
    value: file.text,
    fields: [file.key ?? ''],
    anchored: false,
    via: 'generator',
    form: 'text',
    binding: 'none',
  };
}

function envSites(file: GraphFile): Site[] {
  const sites: Site[] = [];
  let at = 0;
  for (const line of file.text.split('\n')) {
    const match = /^(\s*)([^#=\s][^=]*)=(.*?)(\r?)$/.exec(line);
    if (match) {
      const [, space = '', key = '', value = ''] = match;
      const start = at + space.length + key.length + 1;
      sites.push({
        file: file.path,
        span: { start, end: start + value.length },
        value,
        fields: [key],
        anchored: false,
        via: 'generator',
        form: 'text',
        binding: 'none',
      });
    }
    at += line.length + 1;
  }
  return sites;
}
