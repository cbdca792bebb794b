import { lastAppliedAnnotation } from '../../../src/core/apply/lastApplied.ts';
import { type Json, equalJson, field, fieldAt, isJsonObject, listAt } from '../../../src/core/json.ts';
import type { KubeObject } from '../../../src/core/kube/objectKey.ts';
import type { PathSegment } from '../../../src/core/location.ts';
import type { FieldChange, ObjectReport } from '../../../src/core/report.ts';
import { formatPath, isUnder, valueAt } from '../../../src/core/schema/path.ts';
import type { SchemaNode } from '../../../src/core/schema/schemaNode.ts';
import type { Candidate } from './candidates.ts';
import type { Operation } from './operations.ts';

/** An edit that the server took. */
export interface Edit {
  readonly candidate: Candidate;
  readonly operation: Operation;
  readonly before: KubeObject;
  /** What the server answered. */
  readonly after: KubeObject;
  readonly desired: KubeObject;
  readonly node: SchemaNode;
}

/**
 * What the report must say of an edited object, by the table of design §2.1 for what kubectl delivers: `listed` changes and no
 * other, or none where the edit is nobody's business.
 */
export interface Expectation {
  listed: boolean;
  op?: FieldChange['op'];
  status?: FieldChange['status'];
  basis?: FieldChange['basis'];
  cause?: FieldChange['cause'];
  next?: FieldChange['next'];
}

export function expectationOf({ candidate, operation, after, desired, node }: Edit): Expectation {
  const { change, type, path } = candidate;
  const isClientSide = fieldAt(after, 'metadata', 'annotations', lastAppliedAnnotation) !== undefined;
  const basis = isClientSide ? 'last-applied' : 'managed-fields';
  const isKnown = isClientSide || isApplied(after);
  // Where only one other applier is left, nobody can tell it from the one who delivers.
  const person = operation.person ? 'edit' : isKnown || operation.operation !== 'Apply' ? 'controller' : 'unknown';
  // An applier whose last field was taken over has no entry any more: then nothing tells who applied (design §2.1).
  const drifted = { listed: true, status: isKnown ? 'drifted' : 'undetermined', basis, next: 'kept' } as const;
  const [git, live] = [declaredAt(desired, path, node), valueAt(after, path, node)];
  if (change === 'reordered') {
    if (type === 'set') return { listed: false };
    return { ...drifted, op: 'changed', cause: type === 'atomic' ? person : 'format' };
  }
  if (git === undefined) {
    // Only live has it: listed where a person wrote it, and kept by kubectl; else it is some controller's own. A scale on what nobody
    // declared may leave no entry behind: then it looks like a default.
    return operation.person && isNamed(after, operation)
      ? { listed: true, op: 'added', status: 'ignored', basis, cause: 'edit', next: 'kept' }
      : { listed: false };
  }
  if (type === 'atomic') return { ...drifted, cause: person };
  if (live === undefined || isReplaced(git, live)) return { ...drifted, op: 'removed', cause: 'unknown' };
  return { ...drifted, op: 'changed', cause: person };
}

/** A map that was removed and that the server filled again with what is its own, as the labels of a Namespace. */
function isReplaced(git: Json, live: Json): boolean {
  return isJsonObject(git) && isJsonObject(live) && !Object.keys(git).some((key) => Object.hasOwn(live, key));
}

function isNamed(object: KubeObject, { manager, subresource }: Operation): boolean {
  return listAt(object, 'metadata', 'managedFields').some(
    (entry) => field(entry, 'manager') === manager && field(entry, 'subresource') === subresource,
  );
}

function isApplied(object: KubeObject): boolean {
  return listAt(object, 'metadata', 'managedFields').some(
    (entry) => field(entry, 'manager') === 'kubectl' && field(entry, 'operation') === 'Apply',
  );
}

/** A Secret's text is declared as `stringData` and lives as `data` (semantics N-3). */
export function declaredAt(desired: KubeObject, path: readonly PathSegment[], node: SchemaNode): Json | undefined {
  return valueAt(desired, path, node) ?? valueAt(desired, writtenPath(desired, path), node);
}

export function writtenPath(desired: KubeObject, path: readonly PathSegment[]): readonly PathSegment[] {
  const [first, second, ...rest] = path;
  if (desired.kind !== 'Secret' || rest.length > 0 || first === undefined || second === undefined) return path;
  const isData = 'field' in first && first.field === 'data' && 'field' in second;
  const isText = isData && field(desired['stringData'], second.field) !== undefined;
  return isText ? [{ field: 'stringData' }, second] : path;
}

/** The server keeps the two names of the service account in step: one field, told by the newer name unless Git writes the older. */
function toldPath({ candidate, desired, after, node }: Edit): readonly PathSegment[] {
  const path = writtenPath(desired, candidate.path);
  const last = path.at(-1);
  const isAlias = last !== undefined && 'field' in last && last.field === 'serviceAccount';
  if (!isAlias || valueAt(desired, path, node) !== undefined) return path;
  const newer = [...path.slice(0, -1), { field: 'serviceAccountName' }];
  const account = valueAt(after, path, node);
  return account !== undefined && equalJson(account, valueAt(after, newer, node) ?? null) ? newer : path;
}

/** Whether a container holds nothing but what lies at a path in it. */
function isOnly(container: Json | undefined, path: readonly PathSegment[]): boolean {
  const [first, ...rest] = path;
  if (first === undefined) return true;
  if (!('field' in first) || !isJsonObject(container)) return false;
  const others = Object.keys(container).filter((key) => key !== first.field && container[key] !== null);
  return others.length === 0 && isOnly(container[first.field], rest);
}

/** Everything that the report says otherwise than expected; nothing when it is right. */
export function mistakes(edit: Edit, object: ObjectReport): string[] {
  const { candidate, operation, after, node } = edit;
  const expected = expectationOf(edit);
  const path = toldPath(edit);
  if (!expected.listed) return object.changes.map((change) => `${change.path} is listed as ${change.status}`);
  const isGone = (segments: readonly PathSegment[]): boolean => valueAt(after, segments, node) === undefined;
  const own = object.changes.filter(({ segments, op }) => {
    if (formatPath(segments) === formatPath(path)) return true;
    if (candidate.type === 'atomic') return isUnder(segments, path);
    // What was added may have brought its container along.
    if (candidate.change === 'added' && op === 'added' && isUnder(path, segments)) {
      return isOnly(valueAt(after, segments, node), path.slice(segments.length));
    }
    if (!candidate.change.endsWith('removed')) return false;
    // What was removed the server may fill again, as the metrics of an autoscaler: then its parts differ.
    if (op !== 'removed') return !isGone(path) && isUnder(segments, path);
    // What was removed may have taken its container along, or be told by its parts.
    return isUnder(segments, path) || (isUnder(path, segments) && isGone(segments));
  });
  // What the server itself sets in the same request, such as an older name of a field, it counts as that manager's; nothing reverts it.
  const isServers = ({ status, segments }: FieldChange): boolean => {
    const sent = valueAt(candidate.after, segments, node);
    const answered = valueAt(after, segments, node);
    return status === 'ignored' && answered !== undefined && (sent === undefined || !equalJson(sent, answered));
  };
  const others = object.changes
    .filter((change) => !own.includes(change) && !isServers(change))
    .map((change) => `${change.path} is listed as well (${change.status} ${change.op})`);
  if (own.length === 0) return [`${formatPath(path)} is not found`, ...others];
  const wrong: string[] = [];
  for (const change of own) {
    // Inside an atomic value, what became of a part depends on the part.
    const wanted = candidate.type === 'atomic' ? { ...expected, ...partOf(change, edit, expected) } : expected;
    for (const name of ['op', 'status', 'basis', 'cause', 'next'] as const) {
      if (wanted[name] !== undefined && change[name] !== wanted[name])
        wrong.push(`${name} of ${change.path} is ${change[name]}, not ${wanted[name]}`);
    }
    const isThere = change.op !== 'removed' && change.cause !== 'format';
    if (isThere && candidate.type !== 'atomic') {
      const manager = change.managers.find(({ name }) => name === operation.manager);
      if (manager === undefined) wrong.push(`${operation.manager} is not named for ${change.path}`);
      else if (manager.operation !== operation.operation) wrong.push(`the operation is ${manager.operation}`);
      else if ((manager.time === undefined) !== (operation.subresource === 'scale'))
        wrong.push(`the time is ${manager.time ?? 'missing'}`);
      const isElsewhere = isUnder(path, change.segments) || isUnder(change.segments, path);
      const live = valueAt(after, isElsewhere ? change.segments : candidate.path, node);
      if (change.masked !== true && !equalJson(change.live, live))
        wrong.push(`live of ${change.path} is ${JSON.stringify(change.live)}`);
    }
  }
  return [...wrong, ...others];
}

/** What must be said of a part of an atomic value that is told apart: what is gone was taken by nobody that the cluster knows. */
function partOf({ segments }: FieldChange, { after, desired, node }: Edit, { cause }: Expectation): Expectation {
  const [git, live] = [valueAt(desired, segments, node), valueAt(after, segments, node)];
  const op = live === undefined || live === null ? 'removed' : git === undefined || git === null ? 'added' : 'changed';
  return { listed: true, op, ...(op === 'removed' ? { cause: 'unknown' } : cause === undefined ? {} : { cause }) };
}
