import { compareObjects } from '../apply/compare.ts';
import { readManagedFields, ownersOf, fieldManagerOf } from '../apply/managedFields.ts';
import { isSecretPath } from '../drift/mask.ts';
import { normalise } from '../drift/normalise.ts';
import { equalJson } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import type { PathSegment } from '../location.ts';
import type { FieldChange } from '../report.ts';
import { formatPath, valueAt } from '../schema/path.ts';
import type { SchemaNode } from '../schema/schemaNode.ts';

/**
 * What a step will change, field by field: from the live object to the predicted one. Values of Secrets are withheld. Empty where both
 * are the same but for what the API server stamps (semantics N-1, D-4).
 */
export function planChanges(live: KubeObject, predicted: KubeObject, node: SchemaNode): FieldChange[] {
  const [before, after] = [normalise(live), normalise(predicted)];
  if (equalJson(before, after)) return [];
  const comparison = compareObjects(before, after, node);
  const managers = readManagedFields(live) ?? [];
  const change = (segments: PathSegment[], op: FieldChange['op']): FieldChange => {
    const shown: FieldChange = {
      path: formatPath(segments),
      segments,
      op,
      status: 'pending',
      basis: 'managed-fields',
      cause: 'unknown',
      next: 'unknown',
      managers: ownersOf(managers, segments).map(fieldManagerOf),
    };
    if (isSecretPath(live, segments)) return { ...shown, masked: true };
    const desired = valueAt(after, segments, node);
    const current = valueAt(before, segments, node);
    return {
      ...shown,
      ...(desired === undefined ? {} : { desired }),
      ...(current === undefined ? {} : { live: current }),
    };
  };
  const changes = [
    ...outermost(comparison.modified.paths()).map((path) => change(path, 'changed')),
    ...outermost(comparison.added.paths()).map((path) => change(path, 'added')),
    ...outermost(comparison.removed.paths()).map((path) => change(path, 'removed')),
  ];
  // Sets and keyed lists that only changed their order compare as equal, and yet the object changes (semantics M-19).
  if (changes.length === 0)
    return [{ ...change([], 'changed'), path: '(order of list items)', cause: 'format', note: 'order only' }];
  return changes.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** A new list item is one change, not one for each of its fields: paths below another of the list are left out. */
function outermost(found: Iterable<PathSegment[]>): PathSegment[][] {
  const paths = [...found];
  const texts = new Set(paths.map((path) => JSON.stringify(path)));
  return paths.filter((path) => !path.some((_, index) => index > 0 && texts.has(JSON.stringify(path.slice(0, index)))));
}
