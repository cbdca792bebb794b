import { type Json, isJsonObject } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';

/** Chooses objects. Absent members match everything. */
export interface IgnoreTarget {
  group?: string;
  /** Only kinds without a group, where `group` cannot say so. */
  coreGroup?: boolean;
  version?: string;
  kind?: string;
  namespace?: string;
  name?: string;
  /** As people write them: `app=web,tier!=db`. */
  labelSelector?: string;
  annotationSelector?: string;
}

/** A rule that keeps differences from being findings: Flux's, Argo CD's or Plumbline's own. */
export interface IgnoreRule {
  source: 'flux' | 'argocd' | 'plumbline';
  target: IgnoreTarget;
  /**
   * How the target's texts are read: anchored regular expressions (Flux, semantics F-10), or globs for group and kind with exact names
   * (Argo CD, A-9), or globs throughout (Plumbline).
   */
  matching: 'regex' | 'argocd' | 'glob';
  jsonPointers?: readonly string[];
  jqPathExpressions?: readonly string[];
  /** Fields that these managers own are left to them. */
  managedFieldsManagers?: readonly string[];
}

/**
 * Paths, as keys and indices, that a jq program names in an object; none where it fails, or is not evaluated yet. Given from outside: jq
 * is a program of its own. The object is the normalised one, and is asked about only where it has differences.
 */
export type JqPaths = (program: string, object: KubeObject) => readonly RulePath[];

/** As a rule names it: with positions from the end, and with slices of lists, as jq does. */
export type RulePath = readonly (string | number | { start: number | null; end: number | null })[];

/** A place as JSON Patch and jq name it, e.g. `['spec', 'containers', 0, 'image']`. */
export type PlainPath = readonly (string | number)[];

/** The parts of a JSON pointer (RFC 6901), or undefined where it is malformed: such a rule does nothing (semantics F-10). */
export function parsePointer(pointer: string): string[] | undefined {
  if (pointer === '' || !pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/**
 * The parts of a pointer as the library of Argo CD's controller reads it: whatever stands before the first slash is dropped, and a tilde that
 * escapes nothing stands for itself.
 */
export function parseArgoPointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The places of a rule's path in a value, with positions from the start. What is not there has none. */
export function placesOf(path: RulePath, value: Json): PlainPath[] {
  const [part, ...rest] = path;
  if (part === undefined) return [[]];
  const below = (step: string | number, item: Json | undefined): PlainPath[] =>
    item === undefined ? [] : placesOf(rest, item).map((places) => [step, ...places]);
  if (Array.isArray(value)) {
    if (typeof part === 'object') {
      const [start, end] = [boundOf(part.start ?? 0, value.length), boundOf(part.end ?? value.length, value.length)];
      const [next, ...after] = rest;
      // A position behind a slice counts from where the slice begins.
      if (typeof next === 'number') return placesOf([next < 0 ? end + next : start + next, ...after], value);
      return rest.length > 0 ? [] : Array.from({ length: Math.max(0, end - start) }, (_, index) => [start + index]);
    }
    if (typeof part === 'string' && !/^[+-]?\d+$/.test(part)) return [];
    const index = Number(part) < 0 ? value.length + Number(part) : Number(part);
    return below(index, value[index]);
  }
  if (!isJsonObject(value) || typeof part === 'object') return [];
  return below(String(part), Object.hasOwn(value, String(part)) ? value[String(part)] : undefined);
}

function boundOf(bound: number, length: number): number {
  return Math.min(length, Math.max(0, bound < 0 ? length + bound : bound));
}

/** Whether a path of a rule is the path of a value or of something that it lies in. */
export function isPlainPrefix(prefix: PlainPath, path: PlainPath): boolean {
  return prefix.length <= path.length && prefix.every((part, index) => String(part) === String(path[index]));
}

/** The value without what lies at a path; the very same value where nothing does. */
export function withoutPath(value: Json, path: PlainPath): Json {
  const [part, ...rest] = path;
  if (part === undefined || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const index = Number(part);
    const item = value[index];
    if (!Number.isInteger(index) || item === undefined) return value;
    if (rest.length === 0) return value.toSpliced(index, 1);
    const changed = withoutPath(item, rest);
    return changed === item ? value : value.with(index, changed);
  }
  const key = String(part);
  if (!Object.hasOwn(value, key)) return value;
  if (rest.length === 0) {
    const { [key]: _dropped, ...others } = value;
    return others;
  }
  const item = value[key] ?? null;
  const changed = withoutPath(item, rest);
  return changed === item ? value : { ...value, [key]: changed };
}
