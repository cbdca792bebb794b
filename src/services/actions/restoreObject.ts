import { describeKey } from '../../core/kube/objectKey.ts';
import type { FieldChange } from '../../core/report.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import { applyTarget } from '../sync/applyTarget.ts';
import { fluxSync } from '../sync/fluxSync.ts';
import type { SyncListener, SyncOutcome } from '../sync/syncOutcome.ts';
import type { ActionScope } from './actionScope.ts';
import { type RestoreDescription, compareOne, membershipOf } from './describeRestore.ts';

/** How a restore ended. `restored` was proved against the cluster afterwards. */
export type RestoreOutcome =
  | {
      result: 'restored';
      /** Git has moved ahead of what was restored: these wait for a sync. */
      pending: FieldChange[];
      /** What others added and the one who applies leaves to them. */
      kept: FieldChange[];
    }
  /** It was carried out, and these differences are there all the same. */
  | { result: 'differs'; reason: string; changes: FieldChange[] }
  | Extract<SyncOutcome, { result: 'refused' | 'failed' | 'stopped' }>;

/**
 * Brings one object to what Git declares (design §3.3): a direct apply of the whole object, never of a part of it; under Flux a reconcile
 * of its Kustomization. Looks at the object afterwards and says whether it is so.
 */
export async function restoreObject(
  scope: ActionScope,
  described: RestoreDescription,
  waitMilliseconds: number,
  onStep: SyncListener,
  signal?: AbortSignal,
): Promise<RestoreOutcome> {
  const failure =
    described.by.engine === 'direct'
      ? await applyWhole(scope, described, onStep, signal)
      : await reconcile(scope, described, waitMilliseconds, onStep, signal);
  if (failure !== undefined) return failure;
  return prove(scope, described, signal);
}

async function applyWhole(
  scope: ActionScope,
  { target, prepared, by }: RestoreDescription,
  onStep: SyncListener,
  signal: AbortSignal | undefined,
): Promise<RestoreOutcome | undefined> {
  const { cluster, options } = scope;
  const withSignal = signal === undefined ? {} : { signal };
  try {
    const setId = await membershipOf(scope, prepared, signal);
    const result = await applyTarget(cluster, target, setId, { sleep: options.sleep, ...withSignal });
    onStep({ step: 'applying', done: 1, total: 1, key: target.key, result });
    return undefined;
  } catch (error) {
    if (signal?.aborted === true) {
      return {
        result: 'stopped',
        done: `${describeKey(target.key)} may have been applied`,
        next: 'nothing more was done',
      };
    }
    if (!ClusterError.is(error)) throw error;
    const remedy = error.remedy === undefined ? {} : { remedy: error.remedy };
    const as = by.engine === 'direct' ? ` as ${by.manager}` : '';
    return {
      result: 'failed',
      reason: error.message,
      done: `${describeKey(target.key)} was not applied${as}`,
      ...remedy,
    };
  }
}

async function reconcile(
  scope: ActionScope,
  { prepared }: RestoreDescription,
  waitMilliseconds: number,
  onStep: SyncListener,
  signal: AbortSignal | undefined,
): Promise<RestoreOutcome | undefined> {
  const delivery = scope.flux.get(prepared.application.id)?.delivery;
  if (delivery === undefined) return { result: 'refused', reason: 'Flux does not deliver it any more' };
  const { clock, sleep } = scope.options;
  const outcome = await fluxSync(
    delivery,
    scope.cluster,
    { waitMilliseconds, asFetched: true, now: () => clock.now(), sleep, ...(signal === undefined ? {} : { signal }) },
    onStep,
  );
  // Applied and not healthy is restored all the same; the look afterwards decides.
  return outcome.result === 'done' || outcome.result === 'unhealthy' ? undefined : outcome;
}

/** Looks at the object anew: Git's side too, since the engine may have applied another revision meanwhile. */
async function prove(
  scope: ActionScope,
  { target, prepared, by }: RestoreDescription,
  signal: AbortSignal | undefined,
): Promise<RestoreOutcome> {
  const done = `${describeKey(target.key)} was applied`;
  try {
    const now = (await scope.reopen(new Set([prepared.application.id]))).find(prepared.application.id) ?? prepared;
    const { status, changes } = await compareOne(scope, now, target, signal);
    const differing = changes.filter((change) => change.status === 'drifted' || change.status === 'conflict');
    if (differing.length === 0 && status !== 'missing' && status !== 'create') {
      const pending = changes.filter((change) => change.status === 'pending');
      const kept = changes.filter((change) => change.status === 'ignored' && change.next === 'kept');
      return { result: 'restored', pending, kept };
    }
    if (differing.length === 0)
      return { result: 'differs', reason: `${describeKey(target.key)} is not there`, changes };
    return {
      result: 'differs',
      reason: whyNot(differing, by.engine === 'flux' ? 'Flux' : 'Plumbline'),
      changes: differing,
    };
  } catch (error) {
    if (signal?.aborted === true) return { result: 'stopped', done, next: 'it was not looked at afterwards' };
    if (!ClusterError.is(error)) throw error;
    return { result: 'failed', reason: `the result could not be read: ${error.message}`, done };
  }
}

/** Never names a value: one may be secret. */
function whyNot(changes: readonly FieldChange[], engine: string): string {
  const said = changes.map((change) => {
    const owners = [...new Set(change.managers.map(({ name }) => name))].join(', ');
    if (owners === '') return change.path;
    return change.op === 'added' && change.next === 'kept'
      ? `${change.path}, which ${engine} leaves to ${owners}`
      : `${change.path}, set again by ${owners}`;
  });
  return `still different: ${said.join('; ')}`;
}
