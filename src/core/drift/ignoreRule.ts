import type { Json } from '../json.ts';
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
export type JqPaths = (program: string, object: KubeObject) => readonly (readonly (string | number)[])[];

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
