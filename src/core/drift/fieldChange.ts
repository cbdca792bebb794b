import { type Json, field, isJsonObject } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import type { PathSegment } from '../location.ts';
import type { FieldChange } from '../report.ts';
import { formatPath } from '../schema/path.ts';
import { type AppliedState, changeBasis } from './appliedValue.ts';
import type { Verdict } from './classify.ts';
import type { Difference } from './fieldWalk.ts';
import { type TaintPredicate, isSecret, isSecretPath } from './mask.ts';
import type { Owners } from './ownership.ts';

export interface ChangeContext {
  desired: KubeObject;
  applied: AppliedState;
  isTainted: TaintPredicate | undefined;
}

/** What a report says of a judged difference; where a value is or may be secret, without any (semantics S-1). */
export function changeOf(
  difference: Difference,
  verdict: Extract<Verdict, { listed: true }>,
  { desired, applied, isTainted }: ChangeContext,
): FieldChange {
  const isAbsent = (value: Json | undefined): value is undefined | null => value === undefined || value === null;
  const segments = writtenSegments(difference.segments, desired);
  const appliedValue = verdict.applied === 'live' ? difference.live : (difference.applied ?? difference.alternative);
  const change: FieldChange = {
    path: formatPath(segments),
    segments,
    op: isAbsent(difference.live) ? 'removed' : isAbsent(difference.desired) ? 'added' : 'changed',
    status: verdict.status,
    basis: changeBasis(applied),
    cause: verdict.cause,
    next: verdict.next,
    // Of a field that is gone an entry may keep a part that never was there; that says nothing of who took it away.
    managers: isAbsent(difference.live) ? [] : managersOf(difference.owners),
    ...(verdict.note === undefined ? {} : { note: verdict.note }),
  };
  if (isWithheld(difference, desired, isTainted)) return { ...change, masked: true };
  return {
    ...change,
    ...(isAbsent(difference.desired) ? {} : { desired: difference.desired }),
    ...(isAbsent(appliedValue) ? {} : { applied: appliedValue }),
    ...(isAbsent(difference.live) ? {} : { live: difference.live }),
  };
}

/** Where Git writes it: a key of a Secret may stand in `stringData`. */
export function writtenSegments(segments: readonly PathSegment[], desired: KubeObject): PathSegment[] {
  const [first, second, ...rest] = segments;
  const isData = isSecret(desired) && first !== undefined && 'field' in first && first.field === 'data';
  if (!isData || second === undefined || !('field' in second)) return [...segments];
  const isText = field(desired['stringData'], second.field) !== undefined;
  return [isText ? { field: 'stringData' } : first, second, ...rest];
}

function isWithheld(difference: Difference, desired: KubeObject, isTainted: TaintPredicate | undefined): boolean {
  const { segments } = difference;
  if (isSecretPath(desired, segments)) return true;
  if (isTainted === undefined) return false;
  return [difference.desired, difference.applied, difference.alternative, difference.live].some((value) =>
    holdsTaint(value, segments, isTainted),
  );
}

function holdsTaint(value: Json | undefined, path: readonly PathSegment[], isTainted: TaintPredicate): boolean {
  if (value === undefined) return false;
  if (isTainted(path, value)) return true;
  if (Array.isArray(value)) return value.some((item, index) => holdsTaint(item, [...path, { index }], isTainted));
  if (!isJsonObject(value)) return false;
  return Object.keys(value).some((key) => holdsTaint(field(value, key), [...path, { field: key }], isTainted));
}

/** The latest first; those without a time last. */
function managersOf(owners: Owners): FieldChange['managers'] {
  return owners
    .map(({ manager }) => manager)
    .sort((a, b) => {
      if (a.time !== b.time) return (a.time ?? '') < (b.time ?? '') ? 1 : -1;
      return a.name === b.name ? 0 : a.name < b.name ? -1 : 1;
    });
}
