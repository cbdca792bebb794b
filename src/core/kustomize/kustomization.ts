import type { Document } from 'yaml';
import { isMap } from 'yaml';
import type { Span } from '../text/span.ts';
import { type YamlNode, type YamlPath, childOf, itemsOf, parseYamlTree, spanOf, stringOf } from './yamlTree.ts';

/** What a kustomization refers to, by how kustomize treats it. */
type ReferenceKind =
  /** A file of objects, or a folder with a kustomization. */
  | 'resource'
  | 'component'
  /** A file or folder of transformers, generators or validators. */
  | 'plugin'
  | 'patch'
  | 'replacement'
  /** Whole content or lines become values of a ConfigMap or Secret. */
  | 'generator-file'
  | 'generator-env'
  /** Read by kustomize itself: configurations, crds, openapi, values of charts. */
  | 'setting'
  | 'chart-home';

export interface Reference {
  kind: ReferenceKind;
  /** As written, for generator files without the `key=`. */
  path: string;
  /** For generator files: the key that the content is stored under. */
  key?: string;
  span: Span;
}

/** YAML inside of a scalar of the kustomization: an inline patch, transformer or generator. */
interface Inline {
  kind: 'patch' | 'plugin';
  node: YamlNode;
  path: YamlPath;
}

export interface Kustomization {
  /** `Component` is included by others only. */
  kind: string;
  document: Document.Parsed | undefined;
  references: readonly Reference[];
  inlines: readonly Inline[];
  issues: readonly { message: string; span: Span }[];
  /** A chart that kustomize would have to fetch. */
  remoteCharts: readonly { name: string; span: Span }[];
}

export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

/** Reads a kustomization file for what it refers to. Never throws: what is wrong is in `issues`. */
export function readKustomization(text: string): Kustomization {
  const { documents, issues } = parseYamlTree(text);
  const document = documents[0];
  const found: Kustomization = {
    kind: stringOf(document && childOf(document.contents, 'kind', document)) ?? 'Kustomization',
    document,
    references: [],
    inlines: [],
    issues: [...issues],
    remoteCharts: [],
  };
  const second = documents[1];
  if (second) {
    const span = (second.contents && spanOf(second.contents)) ?? { start: 0, end: 0 };
    return { ...found, issues: [...issues, { message: 'a kustomization is one document, this file has more', span }] };
  }
  if (document === undefined) return found;
  if (!isMap(document.contents)) {
    const span = (document.contents && spanOf(document.contents)) ?? { start: 0, end: 0 };
    return { ...found, issues: [...issues, { message: 'a kustomization is a map', span }] };
  }
  const reader = new ReferenceReader(document);
  reader.readTop();
  return { ...found, references: reader.references, inlines: reader.inlines, remoteCharts: reader.remoteCharts };
}

/**
 * What a document of transformers or generators refers to. Only the builtin ones read files of their own; others need plugins,
 * which kustomize refuses by default.
 */
export function readPluginReferences(document: Document.Parsed): Reference[] {
  const reader = new ReferenceReader(document);
  reader.readPlugin();
  return reader.references;
}

class ReferenceReader {
  readonly references: Reference[] = [];
  readonly inlines: Inline[] = [];
  readonly remoteCharts: { name: string; span: Span }[] = [];
  readonly #document: Document.Parsed;

  constructor(document: Document.Parsed) {
    this.#document = document;
  }

  readTop(): void {
    const top = this.#document.contents;
    this.#each(top, 'resources', (node) => this.#add('resource', node));
    this.#each(top, 'bases', (node) => this.#add('resource', node));
    this.#each(top, 'components', (node) => this.#add('component', node));
    this.#each(top, 'crds', (node) => this.#add('setting', node));
    this.#each(top, 'configurations', (node) => this.#add('setting', node));
    this.#add('setting', this.#child(this.#child(top, 'openapi'), 'path'));
    for (const key of ['generators', 'transformers', 'validators']) {
      this.#each(top, key, (node, path) => this.#addOrInline('plugin', node, path));
    }
    this.#each(top, 'patchesStrategicMerge', (node, path) => this.#addOrInline('patch', node, path));
    for (const key of ['patches', 'patchesJson6902']) {
      this.#each(top, key, (node, path) => {
        this.#add('patch', this.#child(node, 'path'));
        this.#inline('patch', this.#child(node, 'patch'), [...path, 'patch']);
      });
    }
    this.#each(top, 'replacements', (node) => this.#add('replacement', this.#child(node, 'path')));
    for (const key of ['configMapGenerator', 'secretGenerator']) {
      this.#each(top, key, (node) => this.#readGenerator(node));
    }
    this.#add('chart-home', this.#child(this.#child(top, 'helmGlobals'), 'chartHome'));
    for (const key of ['helmCharts', 'helmChartInflationGenerator']) {
      this.#each(top, key, (node) => this.#readChart(node));
    }
  }

  readPlugin(): void {
    const top = this.#document.contents;
    if (stringOf(this.#child(top, 'apiVersion')) !== 'builtin') return;
    switch (stringOf(this.#child(top, 'kind'))) {
      case 'ConfigMapGenerator':
      case 'SecretGenerator':
        this.#readGenerator(top);
        break;
      case 'HelmChartInflationGenerator':
        this.#readChart(top);
        break;
      case 'PatchTransformer':
      case 'PatchJson6902Transformer':
        this.#add('patch', this.#child(top, 'path'));
        break;
      case 'PatchStrategicMergeTransformer':
        this.#each(top, 'paths', (node) => this.#add('patch', node));
        break;
      case 'ReplacementTransformer':
        this.#each(top, 'replacements', (node) => this.#add('replacement', this.#child(node, 'path')));
        break;
      default:
    }
  }

  #readGenerator(node: YamlNode | null): void {
    this.#each(node, 'files', (item) => {
      const text = stringOf(item);
      if (text === undefined) return;
      const equals = text.indexOf('=');
      const path = text.slice(equals + 1);
      const key = equals === -1 ? path.slice(path.lastIndexOf('/') + 1) : text.slice(0, equals);
      this.#add('generator-file', item, path, key);
    });
    this.#each(node, 'envs', (item) => this.#add('generator-env', item));
    this.#add('generator-env', this.#child(node, 'env'));
  }

  #readChart(node: YamlNode | null): void {
    this.#add('setting', this.#child(node, 'valuesFile'));
    this.#each(node, 'additionalValuesFiles', (item) => this.#add('setting', item));
    const repository = this.#child(node, 'repo') ?? this.#child(node, 'chartRepoUrl');
    const span = repository && spanOf(repository);
    if (!span || stringOf(repository) === '') return;
    const name = stringOf(this.#child(node, 'name')) ?? stringOf(this.#child(node, 'chartName'));
    this.remoteCharts.push({ name: name ?? 'a chart', span });
  }

  #child(node: YamlNode | null | undefined, key: string): YamlNode | undefined {
    return childOf(node, key, this.#document);
  }

  #each(owner: YamlNode | null | undefined, key: string, visit: (node: YamlNode, path: YamlPath) => void): void {
    itemsOf(this.#child(owner, key)).forEach((node, index) => visit(node, [key, index]));
  }

  #add(kind: ReferenceKind, node: YamlNode | undefined, path = stringOf(node), key?: string): void {
    const span = node && spanOf(node);
    if (path === undefined || path === '' || !span) return;
    this.references.push({ kind, path, span, ...(key === undefined ? {} : { key }) });
  }

  #inline(kind: Inline['kind'], node: YamlNode | undefined, path: YamlPath): void {
    if (node && stringOf(node) !== undefined) this.inlines.push({ kind, node, path });
  }

  /** These entries are a path or YAML; a path has one line and no colon followed by a space. */
  #addOrInline(kind: Inline['kind'], node: YamlNode, path: YamlPath): void {
    const text = stringOf(node) ?? '';
    if (/\n|: |^\s*[[{]/.test(text)) this.#inline(kind, node, path);
    else this.#add(kind, node);
  }
}
