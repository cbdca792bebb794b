import { syncApplication } from '../../services/sync/syncApplication.ts';
import { notSyncable, refusalOf } from '../../services/sync/syncRefusal.ts';
import type { ActionScope } from '../../services/actions/actionScope.ts';
import type { PreparedApplication } from '../../services/drift/prepareComparison.ts';
import type { SyncOutcome } from '../../services/sync/syncOutcome.ts';
import type { PlanReport } from '../../core/report.ts';
import { type ActionRun, foreseen, subjectOf } from './actionRun.ts';
import { type Foreseen, syncConfirmation, worseConfirmation, worseThan } from './model/confirmation.ts';
import { openScope, openTarget } from './openTarget.ts';

/** For the reconcile and for health, at most so long; whoever has seen enough can stop it before. */
export const waitMilliseconds = 300_000;

/** *Sync*: the engine in charge applies what Git holds, after its plan was shown. */
export async function sync(run: ActionRun): Promise<void> {
  const { parts, target } = run;
  const { t } = parts;
  const opened = await openTarget(run);
  const { scope, seen } = await run.plan(async (signal) => {
    const prepared = await openScope(run, opened, [target.application], true, signal);
    return { scope: prepared, seen: await planOf(run, prepared) };
  });
  const prepared = preparedOf(run, scope);
  const refusal = notSyncable(prepared) ?? refusedBefore(seen.plan, false);
  if (refusal !== undefined) return run.end(refusal);
  const subject = subjectOf(run, prepared.application);
  const question = syncConfirmation(subject, seen, seen.plan?.to ?? scope.options.tree.revision, t);
  const pressed = await run.confirm(question);
  const prune = prepared.application.engine !== 'direct' || pressed === t('Sync and Prune');
  await run.carryOut(async (onStep, signal) => {
    const again = await openScope(run, opened, [target.application], prune, signal);
    const now = await planOf(run, again);
    const worse = worseThan(seen.plan, now.plan, t);
    const refused = refusedBefore(now.plan, false);
    if (refused !== undefined) return refused;
    if (worse.length > 0) await run.confirm(worseConfirmation(syncQuestion(pressed, question), worse, t));
    return syncApplication(preparedOf(run, again), again, { wait: true, waitMilliseconds }, onStep, signal);
  });

  /** Asked again about the very thing that was chosen. */
  function syncQuestion(chosen: string, first: typeof question): typeof question {
    return { ...first, buttons: [chosen] };
  }
}

/** The plan of the run's application in a scope. A cluster that cannot be asked leaves it out, and the problems say why. */
export async function planOf({ target }: ActionRun, scope: ActionScope): Promise<Foreseen & { plan?: PlanReport }> {
  const list = await scope.preview();
  const found = foreseen({ ...list, problems: [...scope.problems, ...list.problems] }, target.application);
  return found;
}

export function preparedOf({ parts, target }: ActionRun, scope: ActionScope): PreparedApplication {
  const prepared = scope.find(target.application);
  if (prepared !== undefined) return prepared;
  const why = scope.problems.find((problem) => problem.application === target.application) ?? scope.problems[0];
  throw new Error(why?.message ?? parts.t('{0} is not there any more. Refresh and try again.', target.application));
}

/** What is said before anybody is asked: a step that the cluster refuses, a gate that is shut, an engine that sleeps. */
export function refusedBefore(
  plan: PlanReport | undefined,
  pushes: boolean,
): Extract<SyncOutcome, { result: 'refused' }> | undefined {
  if (plan === undefined) return undefined;
  const suspended = plan.gates.find((gate) => gate.kind === 'suspended');
  if (suspended !== undefined) {
    const reason = suspended.message.replace(/\.$/, '');
    return { result: 'refused', reason, ...(suspended.remedy === undefined ? {} : { remedy: suspended.remedy }) };
  }
  return refusalOf(plan, { pushes });
}
