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
  faults: (Location | undefined)[];
}

/**
 * Asks renderers for deciding lines, for objects with findings only, and remembers the answers as long as the files of their
 * application are the same: a value that changes again in the cluster has the same line.
 */
export class FindingLocator {
  readonly #known = new Map<string, KnownPlaces>();

  /** Some file of an application has changed. `kept`: objects (see keyText) that stand nowhere else for now than where they stood. */
  forget(applicationId: string, kept: ReadonlySet<string> = new Set()): void {
    const known = this.#known.get(applicationId);
    this.#known.delete(applicationId);
    if (known === undefined || kept.size === 0) return;
    const answers = new Map([...known.answers].filter(([id]) => kept.has(objectOf(id))));
    this.#known.set(applicationId, { answers, places: new WeakMap(), kept });
  }

  clear(): void {
    this.#known.clear();
  }

  async locate(
    compared: readonly ComparedTarget[],
    renderer: Renderer,
    tree: FileTree,
    options: RenderOptions,
  ): Promise<Map<ComparedTarget, FindingLocations>> {
    const application = compared[0]?.target.application;
    if (application === undefined) return new Map();
    const known = this.#knownOf(application.id);
    const open = compared.filter(isDeclared).filter((item) => !known.places.has(item) && !isAnswered(item, known));
    if (open.length > 0) {
      const questions = open.map((item) => ({ object: item.target.rendered, fields: fieldsOf(item) }));
      const answers = await renderer.locate(tree, application.source.path, questions, options);
      for (const [index, item] of open.entries()) {
        const answer = answers[index];
        known.answers.set(objectId(item), answer?.object ?? null);
        for (const [at, field] of fieldsOf(item).entries()) {
          known.answers.set(fieldId(item, field), answer?.fields[at] ?? null);
        }
      }
    }
    return new Map(compared.map((item) => [item, placesOf(item, known)]));
  }

  #knownOf(applicationId: string): KnownPlaces {
    let known = this.#known.get(applicationId);
    if (known === undefined) {
      known = { answers: new Map(), places: new WeakMap(), kept: new Set() };
      this.#known.set(applicationId, known);
    }
    return known;
  }
}

/** One place for all that is said of an object; the same value each time, so that what is made of it can be kept. */
export function placesAt(place: Location, item: ComparedTarget): FindingLocations {
  const known = fixedPlaces.get(item);
  if (known?.object === place) return known;
  const changes = item.comparison.changes.map(() => place);
  const places = { object: place, changes, faults: item.faults.map(() => place) };
  fixedPlaces.set(item, places);
  return places;
}

const fixedPlaces = new WeakMap<ComparedTarget, FindingLocations>();

/** Of one application. */
interface KnownPlaces {
  /** By object and field; null where the renderer knows no place. */
  answers: Map<string, Location | null>;
  /** One value as long as the result and the files are the same, so that what is made of it can be kept as well. */
  places: WeakMap<ComparedTarget, FindingLocations>;
  /** Objects of which nothing more is to be known: what declares them cannot be read. */
  kept: ReadonlySet<string>;
}

function isAnswered(item: ComparedTarget, { answers, kept }: KnownPlaces): boolean {
  if (kept.has(objectId(item))) return true;
  return answers.has(objectId(item)) && fieldsOf(item).every((field) => answers.has(fieldId(item, field)));
}

function placesOf(item: ComparedTarget, { answers, places }: KnownPlaces): FindingLocations {
  const known = places.get(item);
  if (known !== undefined) return known;
  const object = answers.get(objectId(item)) ?? undefined;
  const fields = fieldsOf(item).map((field) => answers.get(fieldId(item, field)) ?? object);
  const count = item.comparison.changes.length;
  const located = { changes: fields.slice(0, count), faults: fields.slice(count) };
  const found = object === undefined ? located : { object, ...located };
  places.set(item, found);
  return found;
}

function fieldsOf(item: ComparedTarget): PathSegment[][] {
  return [...item.comparison.changes.map((change) => change.segments), ...item.faults.map((fault) => fault.segments)];
}

function objectId(item: ComparedTarget): string {
  return keyText(item.target.key);
}

/** The object that an answer is about: its id is all of it, or its first line. */
function objectOf(id: string): string {
  return id.split('\n', 1)[0] ?? id;
}

function fieldId(item: ComparedTarget, field: readonly PathSegment[]): string {
  return `${objectId(item)}\n${JSON.stringify(field)}`;
}

/** Only what Git declares has a place in files. */
function isDeclared(item: ComparedTarget): item is ComparedTarget & { target: DeclaredTarget } {
  return item.target.rendered !== undefined;
}
