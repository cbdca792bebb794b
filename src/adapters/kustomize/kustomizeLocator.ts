import { type LeafQuestion, originsOf, sameDocument } from '../../core/kustomize/candidates.ts';
import { placeInDocument, resolveSegments, topPlace } from '../../core/kustomize/declaredPlace.ts';
import { type DeclaredObject, declaredObjects } from '../../core/kustomize/declaredObjects.ts';
import { generatorPlace } from '../../core/kustomize/generatorPlaces.ts';
import { type GraphFile, type KustomizeGraph, locationOf } from '../../core/kustomize/graph.ts';
import { valueAtPath, valueLeaves } from '../../core/kustomize/leaves.ts';
import { writtenSpan } from '../../core/kustomize/markers.ts';
import type { Site } from '../../core/kustomize/site.ts';
import { sitesOf } from '../../core/kustomize/sites.ts';
import { withoutSchemas } from '../../core/kustomize/slim.ts';
import type { Json } from '../../core/json.ts';
import type { Location, PathSegment } from '../../core/location.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import { LineIndex } from '../../core/text/lineIndex.ts';
import { ProcessError } from '../../ports/processRunner.ts';
import type { LocateAnswer, LocateQuestion } from '../../ports/renderer.ts';
import { DecidingLines } from './decidingLines.ts';

export interface KustomizeLocatorOptions {
  graph: KustomizeGraph;
  /** Builds the source with some files changed. */
  build(texts: ReadonlyMap<string, string>): Promise<readonly KubeObject[]>;
  /** File that each object came from, by kustomize's own word; asked for only where the names leave it open. */
  origins(objects: readonly KubeObject[]): Promise<ReadonlyMap<KubeObject, string>>;
  maxBuilds: number;
}

/** Of a container's leaves, how many are tried to find the file that declares it. */
const leavesPerContainer = 4;

interface FieldQuestion {
  segments: readonly PathSegment[];
  /** How many steps the leaves lie below the field. */
  leaves: { question: LeafQuestion; below: number }[];
  complete: boolean;
}

/** Answers where fields of built objects are decided, over one graph. */
export class KustomizeLocator {
  readonly #options: KustomizeLocatorOptions;
  readonly #files = new Map<string, GraphFile>();
  readonly #lines = new Map<string, LineIndex>();
  readonly #declared: DeclaredObject[] = [];
  readonly #origins = new Map<KubeObject, DeclaredObject>();
  #slim: Map<string, string> | undefined;

  constructor(options: KustomizeLocatorOptions) {
    this.#options = options;
    for (const file of options.graph.files) this.#files.set(file.path, file);
  }

  async locate(questions: readonly LocateQuestion[]): Promise<LocateAnswer[]> {
    const objects = questions.map((question) => question.object.object);
    await this.#findOrigins(objects);
    const asked = questions.map(({ object, fields }) =>
      fields.map((segments) => this.#fieldQuestion(object.object, segments)),
    );
    const leaves = asked.flat().flatMap((field) => field.leaves.map(({ question }) => question));
    const decided = await this.#decide(leaves);
    return questions.map(({ object }, index) => {
      const place = this.#objectPlace(object.object);
      return {
        ...(place === undefined ? {} : { object: place }),
        fields: (asked[index] ?? []).map((field) => this.#answer(object.object, field, decided) ?? place),
      };
    });
  }

  async #findOrigins(objects: readonly KubeObject[]): Promise<void> {
    const kinds = new Set(objects.map((object) => object.kind));
    for (const file of this.#files.values()) {
      if (file.role === 'resource' && mentions(file.text, kinds)) this.#declared.push(...declaredObjects(file));
    }
    const ids = this.#declared.map((declared) => declared.id);
    const open = new Map<KubeObject, DeclaredObject[]>();
    for (const object of objects) {
      const likely = originsOf(object, ids);
      const declared = this.#declared.filter(({ id }) => likely.some((one) => sameDocument(one, id)));
      const [first, second] = declared;
      if (first !== undefined && second === undefined) this.#origins.set(object, first);
      else if (first !== undefined) open.set(object, declared);
    }
    if (open.size === 0) return;
    const files = await this.#options.origins([...open.keys()]);
    for (const [object, declared] of open) {
      const inFile = declared.filter(({ id }) => id.file === files.get(object));
      const [first, second] = inFile;
      if (first !== undefined && second === undefined) this.#origins.set(object, first);
    }
  }

  #fieldQuestion(object: KubeObject, segments: readonly PathSegment[]): FieldQuestion {
    const { path, complete } = resolveSegments(object, segments);
    if (!complete) return { segments, leaves: [], complete };
    const value = valueAtPath(object, path) as Json;
    const leaves = valueLeaves(value, path)
      .slice(0, leavesPerContainer)
      .map((leaf) => ({
        question: { object, path: leaf.path, value: leaf.value, origin: this.#origins.get(object)?.id },
        below: leaf.path.length - path.length,
      }));
    return { segments, leaves, complete };
  }

  async #decide(leaves: readonly LeafQuestion[]): Promise<ReadonlyMap<LeafQuestion, Site>> {
    if (leaves.length === 0) return new Map();
    const origins = new Set([...this.#declared.values()].map(({ id }) => id.file));
    const wanted = new Set([...this.#origins.values()].map(({ id }) => id.file));
    const near: Site[] = [];
    for (const file of this.#options.graph.files) {
      // Of resources only those that the objects came from; where that stayed open, all that declare such kinds.
      const known = leaves.every((leaf) => leaf.origin !== undefined) ? wanted : origins;
      if (file.role !== 'resource' || known.has(file.path)) near.push(...sitesOf(file));
    }
    const bound = this.#selectsByLabel() ? near.map(boundLabel) : near;
    const lines = new DecidingLines({
      textOf: (file) => this.#files.get(file)?.text ?? '',
      build: (texts) => this.#build(texts, wanted),
      maxBuilds: this.#options.maxBuilds,
    });
    return lines.decide(leaves, bound, (open) => this.#sitesWithValues(open));
  }

  #selectsByLabel(): boolean {
    return this.#options.graph.files.some(
      (file) => file.role !== 'resource' && /(label|annotation)Selector["']?\s*:/.test(file.text),
    );
  }

  /** Builds without the weight of what nobody asked for, as long as kustomize does not mind. */
  async #build(texts: ReadonlyMap<string, string>, wanted: ReadonlySet<string>): Promise<readonly KubeObject[]> {
    if (this.#slim === undefined) {
      this.#slim = new Map();
      for (const file of this.#files.values()) {
        const slim = file.role === 'resource' && !wanted.has(file.path) ? withoutSchemas(file.text) : undefined;
        if (slim !== undefined) this.#slim.set(file.path, slim);
      }
    }
    if (this.#slim.size === 0) return this.#options.build(texts);
    try {
      return await this.#options.build(new Map([...this.#slim, ...texts]));
    } catch (error) {
      if (!ProcessError.is(error, 'failed')) throw error;
      const built = await this.#options.build(texts);
      // It failed for what is missing: a patch of a schema. From now on all is built.
      this.#slim.clear();
      return built;
    }
  }

  /** Sites of the files that hold one of the values at all; a value that nearly every file holds would prove nothing. */
  #sitesWithValues(questions: readonly LeafQuestion[]): Site[] {
    const values = new Set<string>();
    for (const { value } of questions) {
      if (typeof value !== 'object' && typeof value !== 'boolean' && String(value).length > 1)
        values.add(String(value));
    }
    return this.#options.graph.files
      .filter((file) => file.role !== 'resource' || [...values].some((value) => file.text.includes(value)))
      .flatMap((file) => sitesOf(file));
  }

  #answer(object: KubeObject, field: FieldQuestion, decided: ReadonlyMap<LeafQuestion, Site>): Location | undefined {
    const declared = this.#origins.get(object);
    const isLeaf = field.leaves.length === 1 && field.leaves[0]?.below === 0;
    // A value that no file decides is not the one that its own document writes there; what is above it is still right.
    const overruled = isLeaf && field.leaves.every(({ question }) => !decided.has(question));
    const segments = overruled ? field.segments.slice(0, -1) : field.segments;
    const own = declared && placeInDocument(declared.document, declared.node, segments);
    const inOrigin = (): Location | undefined =>
      declared && own && this.#location(declared.id.file, own.span, 'manifest');
    for (const { question, below } of field.leaves) {
      const site = decided.get(question);
      if (site === undefined) continue;
      if (below === 0) return this.#siteLocation(site);
      // A map or list: where its own document has it, if a leaf of it comes from there; else above the leaf in the patch.
      const isOwn = site.document !== undefined && declared !== undefined && sameDocument(site.document, declared.id);
      if (isOwn && own?.depth === field.segments.length) return inOrigin();
      const above = site.above?.(below);
      return above === undefined ? this.#siteLocation(site) : this.#location(site.file, above, site.via);
    }
    return inOrigin();
  }

  #objectPlace(object: KubeObject): Location | undefined {
    const declared = this.#origins.get(object);
    if (declared !== undefined) {
      const span = topPlace(declared.node, declared.document);
      return span && this.#location(declared.id.file, span, 'manifest');
    }
    const generator = generatorPlace(object, this.#options.graph.files);
    return generator && this.#location(generator.file.path, generator.span, 'generator');
  }

  #siteLocation(site: Site): Location {
    const text = this.#files.get(site.file)?.text ?? '';
    return this.#location(site.file, writtenSpan(site.span, text), site.via);
  }

  #location(file: string, span: { start: number; end: number }, via: Location['via']): Location {
    let lines = this.#lines.get(file);
    if (lines === undefined) {
      lines = new LineIndex(this.#files.get(file)?.text ?? '');
      this.#lines.set(file, lines);
    }
    return locationOf(file, lines, span, via);
  }
}

/** Where patches select by label, a label ties things together as a name does. */
function boundLabel(site: Site): Site {
  const [first, second] = site.fields;
  const isLabel = site.via === 'label' || (first === 'metadata' && (second === 'labels' || second === 'annotations'));
  return isLabel && site.binding === 'none' ? { ...site, binding: 'item' } : site;
}

/** Whether a file may declare one of the kinds, told without parsing it: CRDs of megabytes are seldom what is asked for. */
function mentions(text: string, kinds: ReadonlySet<string>): boolean {
  for (const match of text.matchAll(/^[\s-]*["']?kind["']?\s*:\s*["']?([A-Za-z0-9]+)/gm)) {
    if (kinds.has(match[1] ?? '') || match[1]?.endsWith('List')) return true;
  }
  return text.trimStart().startsWith('{');
}
