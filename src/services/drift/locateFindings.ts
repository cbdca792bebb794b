import type { Location, PathSegment } from '../../core/location.ts';
import { keyText } from '../../core/kube/objectKey.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import type { RenderOptions, Renderer } from '../../ports/renderer.ts';
import type { ComparedTarget } from './compareTargets.ts';
import type { DeclaredTarget } from './target.ts';

/** Where an object stands in files, and each of its changes, in their order. */
export interface FindingLocations {
  object?: Location;
  changes: (Location | undefined)[];
  unknownFields: (Location | undefined)[];
}

/**
 * Asks renderers for deciding lines, for objects with findings only, and remembers the answers as long as the files are the same:
 * a value that changes again in the cluster has the same line.
 */
export class FindingLocator {
  readonly #answers = new Map<string, Location | null>();
  #places = new WeakMap<ComparedTarget, FindingLocations>();

  /** Forget everything: some file has changed. */
  clear(): void {
    this.#answers.clear();
    this.#places = new WeakMap();
  }

  async locate(
    compared: readonly ComparedTarget[],
    renderer: Renderer,
    tree: FileTree,
    options: RenderOptions,
  ): Promise<Map<ComparedTarget, FindingLocations>> {
    const open = compared.filter(isDeclared).filter((item) => !this.#places.has(item) && this.#unanswered(item));
    const path = compared[0]?.target.application.source.path;
    if (open.length > 0 && path !== undefined) {
      const questions = open.map((item) => ({ object: item.target.rendered, fields: fieldsOf(item) }));
      const answers = await renderer.locate(tree, path, questions, options);
      for (const [index, item] of open.entries()) {
        const answer = answers[index];
        this.#answers.set(objectId(item), answer?.object ?? null);
        for (const [at, field] of fieldsOf(item).entries()) {
          this.#answers.set(fieldId(item, field), answer?.fields[at] ?? null);
        }
      }
    }
    return new Map(compared.map((item) => [item, this.#placesOf(item)]));
  }

  /** One value as long as the result and the files are the same, so that what is made of it can be kept as well. */
  #placesOf(item: ComparedTarget): FindingLocations {
    let places = this.#places.get(item);
    if (places === undefined) {
      places = this.#known(item);
      this.#places.set(item, places);
    }
    return places;
  }

  #unanswered(item: ComparedTarget): boolean {
    return (
      !this.#answers.has(objectId(item)) || fieldsOf(item).some((field) => !this.#answers.has(fieldId(item, field)))
    );
  }

  #known(item: ComparedTarget): FindingLocations {
    const object = this.#answers.get(objectId(item)) ?? undefined;
    const fields = fieldsOf(item).map((field) => this.#answers.get(fieldId(item, field)) ?? object);
    const count = item.comparison.changes.length;
    const located = { changes: fields.slice(0, count), unknownFields: fields.slice(count) };
    return object === undefined ? located : { object, ...located };
  }
}

function fieldsOf(item: ComparedTarget): PathSegment[][] {
  return [...item.comparison.changes.map((change) => change.segments), ...(item.comparison.unknownFields ?? [])];
}

function objectId(item: ComparedTarget): string {
  return `${item.target.application.id}\n${keyText(item.target.key)}`;
}

function fieldId(item: ComparedTarget, field: readonly PathSegment[]): string {
  return `${objectId(item)}\n${JSON.stringify(field)}`;
}

/** Only what Git declares has a place in files. */
function isDeclared(item: ComparedTarget): item is ComparedTarget & { target: DeclaredTarget } {
  return item.target.rendered !== undefined;
}
