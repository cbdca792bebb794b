import type { ObjectKey } from '../../core/kube/objectKey.ts';
import { describeKey } from '../../core/kube/objectKey.ts';
import { type RestoreDescription, describeRestore } from '../../services/actions/describeRestore.ts';
import { type RestoreOutcome, restoreObject } from '../../services/actions/restoreObject.ts';
import type { SyncOutcome } from '../../services/sync/syncOutcome.ts';
import { type ActionRun, subjectOf } from './actionRun.ts';
import { worseConfirmation, worseThan } from './model/confirmation.ts';
import { restoreConfirmation } from './model/restoreConfirmation.ts';
import { openScope, openTarget } from './openTarget.ts';
import { preparedOf, waitMilliseconds } from './sync.ts';

/** *Restore*: one object becomes what Git says, by the engine in charge (design §3.3). */
export async function restore(run: ActionRun, key: ObjectKey): Promise<void> {
  const { target, parts } = run;
  const { t } = parts;
  const opened = await openTarget(run);
  const { application, described } = await run.plan(async (signal) => {
    const scope = await openScope(run, opened, [target.application], false, signal);
    return {
      application: preparedOf(run, scope).application,
      described: await describeRestore(scope, target.application, key, signal),
    };
  });
  if (described.result === 'refused') return run.end(described);
  if (changesNothing(described)) {
    return run.end({ result: 'refused', reason: t('{0} is what Git says already', describeKey(key)) });
  }
  const question = restoreConfirmation(subjectOf(run, application), described, t);
  const pressed = await run.confirm(question);
  await run.carryOut(
    async (onStep, signal): Promise<SyncOutcome> => {
      const scope = await openScope(run, opened, [target.application], false, signal);
      const now = await describeRestore(scope, target.application, key, signal);
      if (now.result === 'refused') return now;
      const worse = worseThan(described.plan, now.plan, t);
      if (worse.length > 0) await run.confirm(worseConfirmation({ ...question, buttons: [pressed] }, worse, t));
      return asSync(await restoreObject(scope, now, waitMilliseconds, onStep, signal), t);
    },
    t('{0} in {1} is what Git says.', describeKey(key), target.context),
  );
}

function changesNothing({ step, plan, by }: RestoreDescription): boolean {
  const { create, configure, recreate, prune } = plan.summary;
  return step.action === 'unchanged' && (by.engine === 'direct' || create + configure + recreate + prune === 0);
}

function asSync(outcome: RestoreOutcome, t: ActionRun['parts']['t']): SyncOutcome {
  switch (outcome.result) {
    case 'restored':
      return { result: 'done', health: 'not-waited' };
    case 'differs':
      return { result: 'failed', reason: outcome.reason, done: t('it was applied') };
    default:
      return outcome;
  }
}
