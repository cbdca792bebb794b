import { describeSuspension, setSuspended } from '../../services/actions/suspension.ts';
import { type ActionRun, foreseen, subjectOf } from './actionRun.ts';
import { Declined } from './declined.ts';
import { type Foreseen, resumeConfirmation, suspendConfirmation } from './model/confirmation.ts';
import { openScope, openTarget } from './openTarget.ts';
import { preparedOf } from './sync.ts';

/** *Suspend* and *Resume*: the engine's own switch, with what it means. */
export async function setSuspension(run: ActionRun, suspend: boolean): Promise<void> {
  const { target, parts } = run;
  const { t, prompts } = parts;
  const opened = await openTarget(run);
  const { application, described, seen } = await run.plan(async (signal) => {
    const scope = await openScope(run, opened, [target.application], true, signal);
    const list = suspend ? undefined : await scope.preview();
    return {
      application: preparedOf(run, scope).application,
      described: await describeSuspension(scope, target.application, suspend, signal),
      seen: list === undefined ? { problems: [] } : fetchable(foreseen(list, target.application)),
    };
  });
  if (described.result === 'refused') return run.end(described);
  if (described.isSo) {
    const reason = suspend ? t('{0} is suspended already', described.what) : t('{0} is not suspended', described.what);
    return run.end({ result: 'refused', reason });
  }
  let reason: string | undefined;
  if (suspend) {
    const typed = await prompts.input({
      title: t('Suspend {0} on {1}', application.name, target.context),
      prompt: t('Why? Everybody who looks at it reads this. May be left empty.'),
      placeholder: t('freeze until Monday'),
      validate: (text) => (text.length > 200 ? t('200 characters at most.') : undefined),
    });
    if (typed === undefined) throw new Declined();
    reason = typed.trim() === '' ? undefined : typed.trim();
  }
  const subject = subjectOf(run, application);
  const question = suspend
    ? suspendConfirmation(subject, described, t)
    : resumeConfirmation(subject, described, seen, t);
  await run.confirm(question);
  const { what } = described;
  const done = suspend
    ? t('{0} is suspended in {1}.', what, target.context)
    : t('{0} is resumed in {1}.', what, target.context);
  await run.carryOut(async (_onStep, signal) => {
    const scope = await openScope(run, opened, [target.application], true, signal);
    const now = await describeSuspension(scope, target.application, suspend, signal);
    if (now.result === 'refused') return now;
    return setSuspended(scope, now, reason === undefined ? {} : { reason }, signal);
  }, done);
}

/** The plan is of the files here: what Flux cannot fetch is no part of what it will do. */
function fetchable(seen: Foreseen): Foreseen {
  const isPushed = seen.plan?.gates.every((gate) => gate.kind !== 'not-pushed') ?? true;
  return isPushed ? seen : { problems: [] };
}
