import { withoutManagedFields } from '../../core/apply/managedFields.ts';
import { Masks, maskObject } from '../../core/drift/mask.ts';
import { normaliseMetadata } from '../../core/drift/normaliseMetadata.ts';
import { type Json, type JsonObject, cloneJson, isJsonObject } from '../../core/json.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import type { PathSegment } from '../../core/location.ts';
import type { FieldChange } from '../../core/report.ts';
import { valueAt } from '../../core/schema/path.ts';
import { equalJson } from '../../core/json.ts';
import type { ObjectSides } from '../../services/drift/driftSession.ts';

/** The live object as it may be shown. */
export function shownLive({ live, isTainted }: ObjectSides): KubeObject | undefined {
  return live === undefined ? undefined : maskObject(withoutManagedFields(live), new Masks(), isTainted);
}

/** Both sides of the diff, masked together, so that equal secrets look equal and different ones different. */
export function shownSides(
  { live, desired, isTainted }: ObjectSides,
  changes: readonly FieldChange[],
): { live?: KubeObject; git?: KubeObject } {
  const normal = live === undefined ? undefined : normaliseMetadata(live);
  const declared = desired === undefined ? undefined : normaliseMetadata(desired);
  const git =
    normal === undefined || declared === undefined ? declared : withFindingsApplied(normal, declared, changes);
  const masks = new Masks();
  return {
    ...(normal === undefined ? {} : { live: maskObject(normal, masks, isTainted) }),
    ...(git === undefined ? {} : { git: maskObject(git, masks, isTainted) }),
  };
}

/**
 * What live would be if it said in each finding what Git says: the other side of a diff that shows the findings and nothing else, whatever
 * the cluster filled in by itself. Neither argument is changed.
 */
export function withFindingsApplied(
  live: KubeObject,
  desired: KubeObject,
  changes: readonly FieldChange[],
): KubeObject {
  const result = cloneJson<KubeObject>(live);
  for (const change of changes) {
    const value = valueAt(desired, change.segments);
    if (change.op === 'added' || value === undefined) removeAt(result, change.segments);
    else setAt(result, change.segments, cloneJson(value));
  }
  return result;
}

function setAt(target: Json, segments: readonly PathSegment[], value: Json): void {
  const last = segments.at(-1);
  let parent: Json = target;
  for (const [index, segment] of segments.entries()) {
    if (segment === last) break;
    const child = childOf(parent, segment);
    parent = child ?? place(parent, segment, emptyFor(segments[index + 1]));
  }
  if (last !== undefined) place(parent, last, value);
}

/** Puts a value where a segment points, and gives it back. */
function place(parent: Json, segment: PathSegment, value: Json): Json {
  if ('field' in segment) {
    // A key named like the prototype would change the object instead of a field of it.
    if (isJsonObject(parent) && segment.field !== '__proto__') parent[segment.field] = value;
    return value;
  }
  if (!Array.isArray(parent)) return value;
  const at = 'index' in segment ? segment.index : parent.findIndex((item) => matches(item, segment));
  const item = 'key' in segment && isJsonObject(value) ? ({ ...segment.key, ...value } satisfies JsonObject) : value;
  if (at >= 0 && at < parent.length) parent[at] = item;
  else parent.push(item);
  return item;
}

function removeAt(target: Json, segments: readonly PathSegment[]): void {
  const last = segments.at(-1);
  if (last === undefined) return;
  let parent: Json | undefined = target;
  for (const segment of segments.slice(0, -1)) parent = parent === undefined ? undefined : childOf(parent, segment);
  if ('field' in last) {
    if (isJsonObject(parent)) delete parent[last.field];
  } else if (Array.isArray(parent)) {
    const at = 'index' in last ? last.index : parent.findIndex((item) => matches(item, last));
    if (at >= 0) parent.splice(at, 1);
  }
}

function childOf(parent: Json, segment: PathSegment): Json | undefined {
  return valueAt(parent, [segment]);
}

function matches(item: Json, segment: PathSegment): boolean {
  if ('value' in segment) return equalJson(item, segment.value);
  return (
    'key' in segment &&
    Object.keys(segment.key).every((name) => equalJson(valueAt(item, [{ field: name }]), segment.key[name]))
  );
}

function emptyFor(next: PathSegment | undefined): Json {
  return next === undefined || 'field' in next ? {} : [];
}

/** The change that a path names, or the nearest above it. */
export function changeAt(changes: readonly FieldChange[], path: string | undefined): FieldChange | undefined {
  return changes.find((change) => change.path === path) ?? changes[0];
}
