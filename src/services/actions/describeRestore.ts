import { detectApplier } from '../../core/drift/detectApplier.ts';
import { type KubeObject, type ObjectKey, describeKey, keyText } from '../../core/kube/objectKey.ts';
import type { FieldChange, ObjectStatus, PlanReport, PlanStep } from '../../core/report.ts';
import { GitError } from '../../ports/gitError.ts';
import type { FluxDelivery } from '../applications/fluxApplications.ts';
import type { PreparedApplication } from '../drift/prepareComparison.ts';
import { TargetComparer } from '../drift/compareTargets.ts';
import type { DeclaredTarget } from '../drift/target.ts';
import { readLiveObjects } from '../live/readLiveObjects.ts';
import { applySetId, inventoryParentOf, readInventory } from '../preview/applySetInventory.ts';
import { previewApplication } from '../preview/previewApplication.ts';
import { mannerOf } from '../preview/applyManner.ts';
import { readFluxGitRepository } from '../../core/delivery/flux/fluxGitRepository.ts';
import { FluxObjectsOf } from '../sync/fluxObjectsOf.ts';
import { type Refusal, leftToArgo, notRead, unknownApplication } from '../sync/syncRefusal.ts';
import type { ActionScope } from './actionScope.ts';

/** What restoring one object will do, before anything is done: what a person confirms (design §3.3). */
export interface RestoreDescription {
  result: 'possible';
  target: DeclaredTarget;
  prepared: PreparedApplication;
  /** What happens to the object itself. */
  step: PlanStep;
  /** All that a reconcile does beyond this object; for a direct apply the object's own step alone. */
  plan: PlanReport;
  by:
    | {
        engine: 'direct';
        manager: string;
        /** Who owned it until now, where ownership goes over. */ migration?: string;
      }
    | { engine: 'flux'; kustomization: string; revision: string };
  /** Differences that will stay, since whoever applies leaves what others added. */
  keeps: FieldChange[];
}

/** How an object compares with what Git declares. */
export interface Compared {
  live: KubeObject | undefined;
  status: ObjectStatus;
  changes: FieldChange[];
}

/** Says what a restore will do, or why there is none. Changes nothing. Throws ClusterError where the cluster does not answer. */
export async function describeRestore(
  scope: ActionScope,
  applicationId: string,
  key: ObjectKey,
  signal?: AbortSignal,
): Promise<RestoreDescription | Refusal> {
  const prepared = scope.find(applicationId);
  const target = prepared?.targets.find((item) => keyText(item.key) === keyText(key));
  if (prepared === undefined) return unknownApplication(applicationId);
  const closed = leftToArgo(prepared) ?? (target === undefined ? notRead(prepared) : undefined);
  if (closed !== undefined) return closed;
  if (target === undefined) {
    return refused(`Git does not declare ${describeKey(key)} any more`, 'A sync prunes what the inventory still owns.');
  }
  if (target.resource === undefined) return refused(`${scope.cluster.context} does not serve ${key.kind} yet`);
  const compared = await compareOne(scope, prepared, target, signal);
  const keeps = compared.changes.filter((change) => change.next === 'kept');
  const delivery = scope.flux.get(applicationId)?.delivery;
  return delivery === undefined
    ? directRestore(scope, prepared, target, { ...compared, keeps }, signal)
    : fluxRestore(scope, prepared, target, { delivery, keeps }, signal);
}

/** Holds one object against the cluster as it is now. */
export async function compareOne(
  scope: ActionScope,
  prepared: PreparedApplication,
  target: DeclaredTarget,
  signal?: AbortSignal,
): Promise<Compared> {
  const live = await readLiveObjects(scope.cluster, [target], signal);
  const one = { ...prepared, targets: [target], extras: [] };
  const [result] = await new TargetComparer(scope.schemas, { secrets: 'compare' }).compare(one, live);
  return {
    live: live.objects.get(keyText(target.key)),
    status: result?.comparison.status ?? 'unknown',
    changes: result?.comparison.changes ?? [],
  };
}

async function directRestore(
  scope: ActionScope,
  prepared: PreparedApplication,
  target: DeclaredTarget,
  { live, keeps }: Compared & { keeps: FieldChange[] },
  signal: AbortSignal | undefined,
): Promise<RestoreDescription | Refusal> {
  if (!prepared.rendered) return notRendered(prepared);
  const setId = await membershipOf(scope, prepared, signal);
  // Of this object alone: a dry run of all others would say nothing of it.
  const { report: plan } = await previewApplication(
    {
      prepared: { ...prepared, targets: [target], extras: [] },
      live: new Map(live === undefined ? [] : [[keyText(target.key), live]]),
      supposed: new Set(),
      stale: [],
      prune: false,
      from: 'live',
      to: scope.options.tree.revision,
      withPredicted: scope.options.withPredicted ?? false,
      ...(setId === undefined ? {} : { setId }),
      ...(signal === undefined ? {} : { signal }),
    },
    scope.cluster,
    scope.schemas,
    scope.options.clock,
  );
  const [step] = plan.steps;
  if (step === undefined) return notRendered(prepared);
  if (step.action === 'blocked') return refused(`the cluster refuses it: ${step.reasons.join('; ')}`);
  const { manager } = mannerOf(live, undefined);
  const migration = live === undefined ? undefined : migrationOf(live, manager);
  const by = { engine: 'direct' as const, manager, ...(migration === undefined ? {} : { migration }) };
  return { result: 'possible', target, prepared, step, plan, by, keeps: unchangedBy(step, keeps) };
}

/**
 * The ApplySet that a direct apply keeps an object in. Where Plumbline has no inventory of the application, or another's stands in its
 * place, a restored object does not become a member of one.
 */
export async function membershipOf(
  scope: ActionScope,
  { application }: PreparedApplication,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const inventory = await readInventory(scope.cluster, application, scope.options.repository, signal);
  if (inventory === undefined || 'stranger' in inventory) return undefined;
  return applySetId(inventoryParentOf(application, scope.cluster));
}

/** "Kept" is what nobody reverts by himself; of that, what the step does not change either. */
function unchangedBy(step: PlanStep, kept: readonly FieldChange[]): FieldChange[] {
  return kept.filter(({ path }) => !step.changes.some((change) => change.path === path));
}

/** What a person has to know of who owns the object afterwards; undefined where the one who applied it does so again. */
function migrationOf(live: KubeObject, manager: string): string | undefined {
  const applier = detectApplier(live, 'direct');
  switch (applier.kind) {
    case 'server-side':
      return undefined;
    case 'client-side':
      return `it was applied client-side; it will be applied server-side as ${manager}, which takes over what kubectl applied`;
    case 'unknown':
      return `nobody is known to have applied it; ${manager} will own what Git declares of it`;
  }
}

/** A reconcile of what Flux has fetched: it brings nothing new from Git, and restores the whole Kustomization with the object. */
async function fluxRestore(
  scope: ActionScope,
  prepared: PreparedApplication,
  target: DeclaredTarget,
  { delivery, keeps }: { delivery: FluxDelivery; keeps: FieldChange[] },
  signal: AbortSignal | undefined,
): Promise<RestoreDescription | Refusal> {
  const { kustomization } = delivery;
  const name = `Kustomization ${kustomization.namespace}/${kustomization.name}`;
  const shut = prepared.application.gates.find(({ kind }) => kind === 'dependency-not-ready');
  if (kustomization.suspended) return refused(`${name} is suspended, so Flux restores nothing`, 'Resume it first.');
  if (shut !== undefined) return refused(shut.message.replace(/\.$/, ''), shut.remedy);
  const source = readFluxGitRepository(await new FluxObjectsOf(delivery, scope.cluster, signal).get('source'));
  const revision = source.fetched?.commit;
  if (revision === undefined) return refused(`GitRepository ${source.name} has fetched nothing yet`);
  const plan = await planOf(scope, prepared, revision, signal);
  if ('result' in plan) return plan;
  const step = plan.steps.find((item) => keyText(item) === keyText(target.key));
  if (step === undefined) {
    return refused(
      `${describeKey(target.key)} is not part of ${revision.slice(0, 7)}, which Flux holds`,
      'Push it, then sync.',
    );
  }
  const blocked = plan.steps.find((item) => item.action === 'blocked');
  if (blocked !== undefined) {
    return refused(`the reconcile would fail: ${describeKey(blocked)}: ${blocked.reasons.join('; ')}`);
  }
  return {
    result: 'possible',
    target,
    prepared,
    step,
    plan,
    by: { engine: 'flux', kustomization: name, revision },
    keeps: unchangedBy(step, keeps),
  };
}

async function planOf(
  scope: ActionScope,
  prepared: PreparedApplication,
  revision: string,
  signal: AbortSignal | undefined,
): Promise<PlanReport | Refusal> {
  const { repository } = scope.options;
  if (repository === undefined) return notRendered(prepared);
  try {
    const tree = await repository.tree(revision, signal === undefined ? {} : { signal });
    try {
      const list = await scope.preview(tree);
      return list.plans.find((plan) => plan.application === prepared.application.id) ?? notRendered(prepared);
    } finally {
      await tree.dispose();
    }
  } catch (error) {
    if (!GitError.is(error, 'missing-revision')) throw error;
    return refused(`Flux holds ${revision.slice(0, 7)}, which is not in this clone`, 'Fetch first.');
  }
}

function notRendered({ application, problems }: PreparedApplication): Refusal {
  const problem = problems.find(({ severity }) => severity === 'error');
  return refused(problem?.message ?? `${application.name} could not be rendered`, problem?.remedy);
}

function refused(reason: string, remedy?: string): Refusal {
  return { result: 'refused', reason, ...(remedy === undefined ? {} : { remedy }) };
}
