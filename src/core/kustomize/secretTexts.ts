import { visit } from 'yaml';
import { folderOf, joinPath } from '../repositoryPath.ts';
import { decodeBase64 } from '../text/base64.ts';
import type { GraphFile, KustomizeGraph } from './graph.ts';
import { type YamlNode, childOf, itemsOf, parseYamlTree, stringOf } from './yamlTree.ts';

/**
 * The texts of a source that are or become values of Secrets: of manifests and patches of Secrets, and all that its secretGenerators take.
 * What a failed build says must not hold them (semantics S-1). For failures only: reads every file again.
 */
export function secretTexts(graph: KustomizeGraph): Set<string> {
  const texts = new Set<string>();
  for (const file of graph.files) {
    if (file.kustomization !== undefined) addGenerated(file, graph.files, texts);
    if (!file.role.startsWith('generator')) addManifests(file.text, texts);
    for (const { node } of file.kustomization?.inlines ?? []) addManifests(stringOf(node) ?? '', texts);
  }
  return texts;
}

function addManifests(text: string, texts: Set<string>): void {
  for (const document of parseYamlTree(text).documents) {
    const { contents } = document;
    const child = (name: string): YamlNode | undefined => childOf(contents, name, document);
    if (stringOf(child('kind')) !== 'Secret') continue;
    for (const map of ['data', 'stringData']) addScalars(child(map), texts);
  }
}

function addScalars(node: YamlNode | undefined, texts: Set<string>): void {
  if (node === undefined) return;
  visit(node, {
    Scalar(key, { value }) {
      if (key === 'key') return;
      const text = String(value);
      texts.add(text);
      const decoded = decodeBase64(text);
      if (decoded !== undefined) texts.add(decoded);
    },
  });
}

function addGenerated({ path, kustomization }: GraphFile, files: readonly GraphFile[], texts: Set<string>): void {
  const document = kustomization?.document;
  if (document === undefined) return;
  for (const generator of itemsOf(childOf(document.contents, 'secretGenerator', document))) {
    const entries = (name: string): string[] =>
      itemsOf(childOf(generator, name, document)).flatMap((item) => stringOf(item) ?? []);
    for (const literal of entries('literals')) addPair(literal, texts);
    const env = stringOf(childOf(generator, 'env', document));
    const named = [...entries('files').map((entry) => entry.slice(entry.indexOf('=') + 1)), ...entries('envs'), env];
    const paths = new Set(named.map((entry) => (entry === undefined ? undefined : joinPath(folderOf(path), entry))));
    for (const file of files) {
      if (!paths.has(file.path)) continue;
      if (file.role === 'generator-file') texts.add(file.text);
      for (const line of file.text.split('\n')) {
        if (file.role === 'generator-env') addPair(line, texts);
      }
    }
  }
}

/** `key=value`, where quotes around the value go. What has no key may be the value alone, so the whole counts as well. */
function addPair(text: string, texts: Set<string>): void {
  const value = text.slice(text.indexOf('=') + 1);
  texts.add(text);
  texts.add(value);
  texts.add(value.trim().replace(/^(["'])(.*)\1$/s, '$2'));
}
