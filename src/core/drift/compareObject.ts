import { lastAppliedOf } from '../apply/lastApplied.ts';
import { FieldSet, emptyFieldSet } from '../apply/fieldSet.ts';
import { field, listAt } from '../json.ts';
import { isBuiltInGroup } from '../kube/builtInGroup.ts';
import { type KubeObject, groupVersionKindOf } from '../kube/objectKey.ts';
import type { PathSegment } from '../location.ts';
import type { EngineName, FieldChange, ObjectStatus } from '../report.ts';
import type { SchemaNode } from '../schema/schemaNode.ts';
import { type AppliedState, type GivenApplied, findApplied } from './appliedValue.ts';
import { type EngineBehaviour, classify } from './classify.ts';
import type { Applier } from './detectApplier.ts';
import { type EngineDirectives, engineDirectives } from './engineAnnotations.ts';
import { type Difference, type WalkResult, walkFields } from './fieldWalk.ts';
import { changeOf, writtenSegments } from './fieldChange.ts';
import { IgnoreFilter } from './ignore.ts';
import type { IgnoreRule, JqPaths } from './ignoreRule.ts';
import { isApplyOf, isWrittenBy } from './isApplier.ts';
import { type TaintPredicate, encryptionOf, isSecret } from './mask.ts';
import { normalise } from './normalise.ts';
import { secretKeysOnly } from './normaliseSecret.ts';
import { compareChanges, statusOfChanges } from './order.ts';
import { type Owners, readOwners } from './ownership.ts';
import { usesAlias, withAlias } from './serviceAccountAlias.ts';
import { withoutTrackingKeys } from './trackingKeys.ts';

export interface CompareInput {
  /** Rendered from the revision in view, with the namespace that it has in the cluster; undefined where Git dropped the object. */
  desired?: KubeObject;
  /** With its managedFields; undefined where the cluster has no such object. */
  live?: KubeObject;
  /** The cluster's type of the kind; `objectNode()` where it has none. */
  node: SchemaNode;
  /** The render of what the engine last applied, where it is known; an absent `object` says that it was no part of it. */
  applied?: GivenApplied;
  applier: Applier;
  engine: EngineName;
  engineBehaviour: EngineBehaviour;
  inInventory?: boolean;
  /** Whether the engine keeps an inventory at all. */
  hasInventory: boolean;
  /** RFC 3339 time of the commit that last wrote the line which decides a field; for the time test of design §2.1. */
  lineCommittedAt?: (segments: readonly PathSegment[]) => string | undefined;
  ignore?: readonly IgnoreRule[];
  jqPaths?: JqPaths;
  /** How far Secrets are compared: values, keys alone, or not at all. */
  secrets: 'compare' | 'keys' | 'skip';
  /** Says of values outside Secrets that they came from one (`substituteFrom`, `valuesFrom`). */
  isTainted?: TaintPredicate;
}

export interface ObjectComparison {
  status: ObjectStatus;
  /** Findings first; then what is ignored by rule or engine and yet worth listing. */
  changes: FieldChange[];
  /** Fields that differ and are nobody's business, listed ones included. */
  ignored: number;
  /** Why it is said so, where changes do not show it. */
  note?: string;
  /** Declared fields that the kind does not have: the server refuses or drops them (semantics N-12). */
  unknownFields?: PathSegment[][];
}

/**
 * Compares what Git says of one object with what the cluster holds, and decides of every difference who moved (design §2.1). Pure:
 * the same input gives the same output, whatever the order of keys. A Secret value never appears in it.
 */
export function compareObject(input: CompareInput): ObjectComparison {
  const { desired, live } = input;
  const directives = engineDirectives(input.engine, desired, live, input.applied?.basis);
  const object = desired ?? live;
  if (object === undefined) return whole('synced');
  if (isSecret(object) && input.secrets === 'skip') return whole('unknown', 'Secrets are not compared');
  if (directives.hook === true) return whole('synced', 'a hook: run by the engine, not kept');
  if (desired === undefined) return extraObject(object, input, directives);
  if (live === undefined) return missingObject(desired, input, directives);
  return compareFields(desired, live, input, directives);
}

function whole(status: ObjectStatus, note?: string, ignored = 0): ObjectComparison {
  return { status, changes: [], ignored, ...(note === undefined ? {} : { note }) };
}

/** In the inventory and no longer in Git: would be pruned, unless something says that it stays. */
function extraObject(live: KubeObject, input: CompareInput, directives: EngineDirectives): ObjectComparison {
  // What a controller owns was never Git's to drop (semantics appendix 1 row 26).
  const isOwned = listAt(live, 'metadata', 'ownerReferences').some((owner) => field(owner, 'controller') === true);
  if (isOwned) return whole('synced', undefined, 1);
  const { kept, uncounted } = directives;
  if (kept === undefined && uncounted === undefined) return whole('extra');
  const note =
    kept === undefined
      ? `not counted as out of sync, and removed by a sync that prunes: ${uncounted ?? ''}`
      : `stays in the cluster: ${kept}`;
  // Argo CD goes on to call it out of sync when it may not prune it (semantics P-7); the others forget it.
  return input.engine === 'argocd' && uncounted === undefined ? whole('extra', note) : whole('synced', note, 1);
}

function missingObject(desired: KubeObject, input: CompareInput, directives: EngineDirectives): ObjectComparison {
  const note = directives.leftAlone === undefined ? undefined : `the engine leaves it alone: ${directives.leftAlone}`;
  if (input.hasInventory) return whole(input.inInventory === true ? 'missing' : 'create', note);
  if (input.applied !== undefined) {
    const wasApplied = input.applied.object ?? input.applied.alternative;
    return whole(wasApplied === undefined ? 'create' : 'missing', note);
  }
  return whole('missing', note ?? `undetermined: nothing tells whether ${desired.kind} was ever applied`);
}

function compareFields(
  desired: KubeObject,
  live: KubeObject,
  input: CompareInput,
  directives: EngineDirectives,
): ObjectComparison {
  const { applier, node } = input;
  const owners = readOwners(live);
  const applied = findApplied(live, input.applied, applier, owners);
  const forms = normalForms(desired, live, applied, input);
  const liveOwners = ownersOfLive(live, owners);
  const builtIn = isBuiltInGroup(groupVersionKindOf(live).group);
  const walk = walkFields(forms, node, liveOwners, {
    appliedKnown: applied.basis !== 'managed-fields',
    hasOwners: owners.length > 0,
    builtIn,
    writtenByApplier: (found) => found.every(({ manager }) => isWrittenBy(applier, manager)),
    declaredByApplier: (found) => found.filter(({ manager }) => isApplyOf(applier, manager)),
  });
  const filter = new IgnoreFilter(
    input.ignore ?? [],
    { desired: forms.desired, live: forms.live },
    node,
    input.jqPaths,
  );
  const takesOver = input.engineBehaviour.takesOverKubectlEdits && directives.merges !== true;
  // Asked by the field as Git writes it: a Secret's line may stand in `stringData`.
  const committedAt = input.lineCommittedAt;
  const context = {
    builtIn,
    node,
    // The next client-side apply removes what this annotation holds and Git does not, whoever wrote it (semantics T-1).
    annotated: applied.basis === 'revision' && applier.kind === 'client-side' ? lastAppliedOf(live) : undefined,
    applied,
    applier,
    engine: input.engine,
    behaviour: { ...input.engineBehaviour, takesOverKubectlEdits: takesOver },
    lineCommittedAt:
      committedAt && ((segments: readonly PathSegment[]) => committedAt(writtenSegments(segments, desired))),
  };
  const changes: FieldChange[] = [];
  let ignored = 0;
  for (const difference of walk.differences) {
    let verdict = classify(difference, context);
    // An engine that ignores a field may take its live value over (semantics F-10): then it looks rewritten, which it is not.
    const isRewritten = verdict.listed && verdict.cause === 'webhook';
    if (verdict.listed && (verdict.status !== 'ignored' || isRewritten)) {
      const reason = ignoredBecause(difference, input, directives, filter);
      const cause = isRewritten ? 'unknown' : verdict.cause;
      if (reason !== undefined) verdict = { ...verdict, status: 'ignored', cause, next: 'kept', note: reason };
    }
    if (verdict.listed) changes.push(changeOf(difference, verdict, { desired, applied, isTainted: input.isTainted }));
    if (verdict.listed ? verdict.status === 'ignored' : verdict.counted) ignored++;
  }
  changes.sort(compareChanges);
  return result(changes, ignored, walk, directives);
}

function result(
  changes: FieldChange[],
  ignored: number,
  walk: WalkResult,
  directives: EngineDirectives,
): ObjectComparison {
  const note = directives.leftAlone === undefined ? undefined : `the engine leaves it alone: ${directives.leftAlone}`;
  return {
    status: statusOfChanges(changes),
    changes,
    ignored,
    ...(walk.unknownFields.length === 0 ? {} : { unknownFields: walk.unknownFields }),
    ...(note === undefined ? {} : { note }),
  };
}

interface Forms {
  desired: KubeObject;
  live: KubeObject;
  applied: KubeObject | undefined;
  alternative: KubeObject | undefined;
}

function normalForms(desired: KubeObject, live: KubeObject, applied: AppliedState, input: CompareInput): Forms {
  const isKeysOnly = isSecret(desired) && (input.secrets === 'keys' || encryptionOf(desired) !== undefined);
  // The finding stands where Git writes it.
  const spelled = usesAlias(desired) ? withAlias : (object: KubeObject): KubeObject => object;
  const form = (object: KubeObject): KubeObject =>
    isKeysOnly ? secretKeysOnly(normalise(object)) : spelled(normalise(object));
  const once = (object: KubeObject): KubeObject => withoutTrackingKeys(form(object), desired, input);
  const isKnown = applied.basis !== 'none' && applied.basis !== 'managed-fields';
  return {
    desired: form(desired),
    live: form(live),
    applied: isKnown && applied.object !== undefined ? once(applied.object) : undefined,
    alternative: isKnown && applied.alternative !== undefined ? once(applied.alternative) : undefined,
  };
}

/**
 * In managedFields a Secret's `stringData` owns what is read back as `data` (semantics N-3). Whoever changes the key there later does
 * not take it away, so a key that another owns in `data` is no longer sure to hold what `stringData` said.
 */
function ownersOfLive(live: KubeObject, owners: Owners): Owners {
  if (!isSecret(live)) return owners;
  return owners.map((owner) => {
    const written = owner.owned.child('f:stringData');
    if (written === undefined) return owner;
    const retaken = owners
      .filter((other) => other !== owner)
      .reduce((set, other) => set.union(other.owned.child('f:data') ?? emptyFieldSet), emptyFieldSet);
    const children = new Map(owner.owned.children);
    const data = children.get('f:data') ?? emptyFieldSet;
    children.set('f:data', data.union(written.difference(retaken)));
    return { manager: owner.manager, owned: new FieldSet(owner.owned.member, children) };
  });
}

function ignoredBecause(
  difference: Difference,
  input: CompareInput,
  directives: EngineDirectives,
  filter: IgnoreFilter,
): string | undefined {
  if (directives.leftAlone !== undefined) return `the engine leaves it alone: ${directives.leftAlone}`;
  if (filter.covers(difference)) return 'ignored by rule';
  const [first, second] = difference.segments;
  const isOwnership =
    first !== undefined &&
    second !== undefined &&
    'field' in first &&
    'field' in second &&
    first.field === 'metadata' &&
    (second.field === 'finalizers' || second.field === 'ownerReferences');
  // Flux does not look at them, so it will not apply them (semantics F-8); what kubectl added goes all the same (F-9).
  return isOwnership && input.engine === 'flux' && difference.kind === 'declared'
    ? 'Flux does not compare it'
    : undefined;
}
