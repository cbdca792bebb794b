import type { Json } from '../json.ts';
import type { PathSegment } from '../location.ts';
import { childNode, valueAt } from '../schema/path.ts';
import type { SchemaNode } from '../schema/schemaNode.ts';
import type { Cause, ChangeStatus, EngineName, Next } from '../report.ts';
import type { AppliedState } from './appliedValue.ts';
import type { Applier } from './detectApplier.ts';
import { equalValues } from './equalValues.ts';
import type { Difference } from './fieldWalk.ts';
import { holdsApplied } from './holdsApplied.ts';
import { isApplyOf, isWrittenBy } from './isApplier.ts';
import { isDeduced } from './isDeduced.ts';
import { isPerson, isTakenOverByFlux, writesWholeObjects } from './managerKind.ts';
import type { Owners } from './ownership.ts';
import { isTrackingKey } from './trackingKeys.ts';

/** What an engine does by itself about differences. */
export interface EngineBehaviour {
  /** Flux makes fields of kubectl its own and so removes what Git does not declare (semantics F-9). */
  takesOverKubectlEdits: boolean;
  /** Argo CD's self-heal, a HelmRelease's drift detection: declared fields are reverted. */
  selfHeal: boolean;
  suspended: boolean;
  /** The engine's last run failed while it applied: what it says of itself may be half done. */
  applyFailed?: true;
}

export interface ClassifyContext {
  /** The kind is built into the API server. */
  builtIn: boolean;
  /** Type of the object. */
  node: SchemaNode;
  /** What the last-applied annotation holds, where the engine applies client-side and something better told the applied value. */
  annotated: Json | undefined;
  applied: AppliedState;
  applier: Applier;
  engine: EngineName;
  behaviour: EngineBehaviour;
  /** RFC 3339 time of the commit that last wrote the line which decides a field. */
  lineCommittedAt: ((segments: readonly PathSegment[]) => string | undefined) | undefined;
}

/** What a difference is, or that it is nobody's business: `silent` is not even counted, `counted` is counted and not listed. */
export type Verdict =
  | { listed: true; status: ChangeStatus; cause: Cause; next: Next; note?: string; applied?: 'live' }
  | { listed: false; counted: boolean };

const silent: Verdict = { listed: false, counted: false };
const counted: Verdict = { listed: false, counted: true };

const removedByUnknown = 'removed, by whom unknown';

/** Judges one difference by the order of design §2.1. */
export function classify(difference: Difference, context: ClassifyContext): Verdict {
  switch (difference.kind) {
    case 'live-only':
      return classifyLiveOnly(difference, context);
    case 'order': {
      const status = statusOf(difference, context);
      const rolls = difference.segments.some((segment) => 'field' in segment && segment.field === 'template');
      const note = rolls ? 'order only, but a change of it rolls the Pods' : 'order only';
      return { listed: true, status, cause: 'format', next: nextOf(status, context), note };
    }
    case 'declared':
      return classifyDeclared(difference, context);
  }
}

function classifyDeclared(difference: Difference, context: ClassifyContext): Verdict {
  const { owners } = difference;
  const status = statusOf(difference, context);
  if (status === 'drifted' && wasRewritten(difference, context)) {
    const note = 'rewritten by admission when it was applied';
    return { listed: true, status: 'ignored', cause: 'webhook', next: 'kept', note };
  }
  const next = isUnseenByHelm(difference, context) ? 'kept' : nextOf(status, context);
  const isAbsent = difference.live === undefined || difference.live === null;
  const cause = isAbsent ? 'unknown' : causeOf(owners, context.applier, status);
  if (isAbsent && status !== 'pending') {
    return { listed: true, status, cause, next, note: removedByUnknown };
  }
  const isRemoval = difference.desired === undefined || difference.desired === null;
  if (isRemoval && status === 'pending') {
    const stays = coOwners(owners, context);
    // Ownership is shared: dropping the field gives up the applier's part alone (semantics M-11).
    if (stays.length > 0) {
      const note = `stays when Git drops it: also owned by ${stays.join(', ')}`;
      return { listed: true, status, cause, next: 'kept', note };
    }
  }
  const appliedIsLive = context.applied.basis === 'managed-fields' && status === 'pending' && !isAbsent;
  return { listed: true, status, cause, next, ...(appliedIsLive && owners.length > 0 ? { applied: 'live' } : {}) };
}

function statusOf(difference: Difference, context: ClassifyContext): ChangeStatus {
  const { applied } = context;
  if (applied.basis === 'none') return 'undetermined';
  if (applied.basis === 'managed-fields') return statusByOwner(difference, applied.time, context);
  const { desired, live, owners } = difference;
  // Of an order the values are keys of items, and their order is what counts.
  const node = difference.kind === 'order' ? undefined : difference.node;
  const last = difference.segments.at(-1);
  const name = last !== undefined && 'field' in last ? last.field : '';
  const onlyApplier = owners.every(({ manager }) => isWrittenBy(context.applier, manager));
  const options = { builtIn: context.builtIn, onlyApplier };
  const liveIsApplied =
    holdsApplied(live, difference.applied, node, options, name) ||
    (applied.alternative !== undefined && holdsApplied(live, difference.alternative, node, options, name));
  if (liveIsApplied) return 'pending';
  if (equalValues(desired, difference.applied, node)) return 'drifted';
  // Never applied before: what live holds instead is a default or a controller's, unless a person wrote it.
  const wasDeclared = difference.applied !== undefined && difference.applied !== null;
  if (!wasDeclared && !owners.some(({ manager }) => isPerson(manager) && !isWrittenBy(context.applier, manager))) {
    return 'pending';
  }
  return 'conflict';
}

/** The table of design §2.1 (d). */
function statusByOwner(
  difference: Difference,
  applierTime: string | undefined,
  context: ClassifyContext,
): ChangeStatus {
  const { owners, live } = difference;
  const isAbsent = live === undefined || live === null;
  if (difference.kind !== 'order' && !isAbsent) {
    if (owners.length === 0) return 'pending';
    if (owners.some(({ manager }) => isApplyOf(context.applier, manager))) {
      return context.applier.guessed === true
        ? statusByAge(difference, applierTime, context, 'undetermined')
        : 'pending';
    }
  }
  // What the applier declared and the server dropped, a zero, was never there to be removed: Git has given it a value since.
  if (isAbsent && owners.some(({ manager, owned }) => isApplyOf(context.applier, manager) && owned.isEmpty)) {
    return 'pending';
  }
  return statusByAge(difference, applierTime, context, 'drifted');
}

/**
 * Pending where the deciding line is younger than the last apply, `otherwise` where it is older. An applier that is only guessed may be
 * somebody else who took the field over: an old line then tells nothing.
 */
function statusByAge(
  { segments }: Difference,
  applierTime: string | undefined,
  context: ClassifyContext,
  otherwise: ChangeStatus,
): ChangeStatus {
  const committed = context.lineCommittedAt?.(segments);
  if (committed === undefined || applierTime === undefined) return 'undetermined';
  const [commitTime, applyTime] = [Date.parse(committed), Date.parse(applierTime)];
  if (Number.isNaN(commitTime) || Number.isNaN(applyTime)) return 'undetermined';
  return commitTime > applyTime ? 'pending' : otherwise;
}

/**
 * Whether nobody but the applier wrote a value that differs from what it applied: then admission, or the server's own spelling,
 * stands between the two, and applying again would change nothing (semantics appendix 1 row 13). Flux takes over what kubectl wrote before
 * it applies (semantics F-9), so a run that failed between the two leaves a person's value under its name.
 */
function wasRewritten(difference: Difference, context: ClassifyContext): boolean {
  const { owners, live } = difference;
  if (live === undefined || live === null || owners.length === 0) return false;
  if (context.behaviour.applyFailed === true) return false;
  const { basis } = context.applied;
  const isProof = basis === 'last-applied' || basis === 'release';
  return owners.every(
    ({ manager }) => isWrittenBy(context.applier, manager) && (isProof || manager.operation === 'Apply'),
  );
}

function classifyLiveOnly(difference: Difference, context: ClassifyContext): Verdict {
  const { owners, segments } = difference;
  const { applier, applied } = context;
  if (isTrackingKey(segments, context)) return silent;
  if (owners.some(({ manager }) => isApplyOf(applier, manager))) {
    // The render of what was applied lacks it, so the engine added it by itself: its next apply will do so again.
    if (applied.basis === 'revision' || applied.basis === 'release') return counted;
    if (isFilledIn(difference)) return silent;
    const stays = coOwners(owners, context);
    const next = stays.length > 0 ? 'kept' : nextOf('pending', context);
    const note = stays.length > 0 ? `stays when Git drops it: also owned by ${stays.join(', ')}` : undefined;
    return { listed: true, status: 'pending', cause: 'unknown', next, applied: 'live', ...(note && { note }) };
  }
  const others = owners.filter(({ manager }) => !isWrittenBy(applier, manager));
  if (others.length === 0) return silent;
  const persons = others.filter(({ manager }) => isPerson(manager));
  if (persons.length === 0) return counted;
  if (persons.length === others.length && persons.every(({ manager }) => writesWholeObjects(manager))) {
    // Whoever creates an object owns its defaults too; only entries of maps and lists are surely theirs.
    if (!isEntry(segments, context.node)) return silent;
  }
  const takesOver =
    context.behaviour.takesOverKubectlEdits && others.every(({ manager }) => isTakenOverByFlux(manager));
  const removes = takesOver || valueAt(context.annotated, segments, context.node) !== undefined;
  if (!removes) return { listed: true, status: 'ignored', cause: 'edit', next: 'kept' };
  return { listed: true, status: 'drifted', cause: 'edit', next: nextOf('drifted', context) };
}

/** Whether a path ends in an item of a list, or in a key that people choose, as of labels or data: no default of the server. */
function isEntry(segments: readonly PathSegment[], root: SchemaNode): boolean {
  const last = segments.at(-1);
  if (last === undefined || !('field' in last)) return true;
  const parent = segments.at(-2);
  // Requests are filled in from limits.
  if (parent !== undefined && 'field' in parent && /^(?:requests|defaultRequest)$/.test(parent.field)) return false;
  let above: SchemaNode | undefined = root;
  for (const segment of segments.slice(0, -1)) above = childNode(above, segment);
  const map = above?.map;
  return map !== undefined && map.fields === undefined && !isDeduced(map.values);
}

/**
 * What engines in Go add on the way to the API server by taking an object through its types: empty structs, and the target port of a
 * Service (seen with kustomize-controller 1.9). They own it, and nobody declared it.
 */
function isFilledIn({ live, segments }: Difference): boolean {
  if (live === null || (typeof live === 'object' && Object.keys(live).length === 0)) return true;
  const [item, last] = segments.slice(-2);
  if (item === undefined || last === undefined || !('key' in item) || !('field' in last)) return false;
  return last.field === 'targetPort' && item.key['port'] === live;
}

/** Owners that keep a field alive when the applier gives it up. */
function coOwners(owners: Owners, { applier, behaviour }: ClassifyContext): string[] {
  const names = owners
    .map(({ manager }) => manager)
    .filter((manager) => !isApplyOf(applier, manager))
    .filter((manager) => !(behaviour.takesOverKubectlEdits && isTakenOverByFlux(manager)))
    .map((manager) => manager.name);
  return applier.kind === 'client-side' ? [] : [...new Set(names)];
}

function causeOf(owners: Owners, applier: Applier, status: ChangeStatus): Cause {
  const others = owners.filter(({ manager }) => !isWrittenBy(applier, manager));
  const persons = others.filter(({ manager }) => isPerson(manager));
  // What is pending was moved by Git, whoever else agrees with the live value.
  if (persons.length > 0) return status === 'pending' ? 'unknown' : 'edit';
  if (others.length > 0) return 'controller';
  return owners.length === 0 && status === 'pending' ? 'default' : 'unknown';
}

/** Helm's drift detection does not see what stands where Git declares nothing (seen with helm-controller 1.6). */
function isUnseenByHelm({ desired }: Difference, { applied }: ClassifyContext): boolean {
  return applied.basis === 'release' && Array.isArray(desired) && desired.length === 0;
}

/** What the engine will do by itself about a declared field. */
function nextOf(status: ChangeStatus, { engine, behaviour, applied, applier }: ClassifyContext): Next {
  if (behaviour.suspended || engine === 'direct') return 'kept';
  if (engine === 'argocd') {
    if (behaviour.selfHeal) return 'reverted';
    return status === 'pending' ? 'unknown' : 'kept';
  }
  // helm-controller upgrades when something in Git moved; it looks at the cluster only where drift detection is on.
  const isHelm = applied.basis === 'release' || applier.managers.some((name) => name.startsWith('helm'));
  if (isHelm && !behaviour.selfHeal) return status === 'pending' ? 'reverted' : 'kept';
  return 'reverted';
}
