import { ClusterError } from '../../ports/clusterError.ts';
import { GitError } from '../../ports/gitError.ts';
import type { PlanList, PlanReport } from '../../core/report.ts';
import type { Problem } from '../../core/problem.ts';
import type { SyncListener, SyncOutcome, SyncStep } from '../../services/sync/syncOutcome.ts';
import type { ActionParts, ActionTarget } from './actionParts.ts';
import { Declined } from './declined.ts';
import { type Confirmation, type Foreseen, type Subject, typedNameProblem } from './model/confirmation.ts';
import { endingOf } from './model/outcomeText.ts';
import { progressText } from './model/progressText.ts';

const running = new WeakMap<ActionParts, Map<string, string>>();

/**
 * One action on one application from the first question to the last word: at most one at a time for each, planned and carried out under
 * a notification that can be stopped, every end said.
 */
export class ActionRun {
  readonly parts: ActionParts;
  readonly target: ActionTarget;
  readonly #action: string;
  readonly #name: string;
  readonly #again: () => Promise<void>;

  constructor(parts: ActionParts, target: ActionTarget, action: string, name: string, again: () => Promise<void>) {
    this.parts = parts;
    this.target = target;
    this.#action = action;
    this.#name = name;
    this.#again = again;
  }

  get title(): string {
    return this.parts.t('{0}: {1} → {2}', this.#action, this.#name, this.target.context);
  }

  /** Runs `flow` unless another action on the same application goes on. */
  async start(flow: () => Promise<void>): Promise<void> {
    const busy = running.get(this.parts) ?? new Map<string, string>();
    running.set(this.parts, busy);
    const key = `${this.target.root}\n${this.target.context}\n${this.target.application}`;
    const other = busy.get(key);
    if (other !== undefined) {
      const { t } = this.parts;
      throw new Error(t('{0} of {1} is still going on. One at a time.', other, this.#name));
    }
    busy.set(key, this.#action);
    try {
      await flow();
    } finally {
      busy.delete(key);
    }
  }

  /** Reads and foresees; changes nothing. Stopping it ends the action. */
  async plan<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { during, t } = this.parts;
    return during(this.title, async (report, signal) => {
      report(t('looking at what it will do …'));
      const result = await work(signal);
      signal.throwIfAborted();
      return result;
    });
  }

  /**
   * Asks, and where the context is protected has its name typed. Answers the button that was pressed.
   * Throws Declined where the user leaves it or goes to see the plan.
   */
  async confirm(question: Confirmation): Promise<string> {
    const { prompts, permissions, t, follow } = this.parts;
    const { context } = this.target;
    const pressed = await prompts.ask(question);
    if (pressed === undefined) throw new Declined();
    if (pressed === t('Show Plan')) {
      await follow('showPlan', this.target);
      throw new Declined();
    }
    if (!permissions.isProtected(context)) return pressed;
    const typed = await prompts.input({
      title: question.message,
      prompt: t('{0} is protected. Type its name to go on.', context),
      placeholder: context,
      validate: (text) => typedNameProblem(context, text, t),
    });
    if (typed === undefined) throw new Declined();
    return pressed;
  }

  /** Changes things under a notification that ticks each step, and says how it ended. */
  async carryOut(
    work: (onStep: SyncListener, signal: AbortSignal) => Promise<SyncOutcome>,
    done?: string,
  ): Promise<void> {
    const { during, journal, showInView, refresh, log } = this.parts;
    const { context } = this.target;
    const entry = journal.begin({ action: this.#action, application: this.#name, context });
    const steps: SyncStep[] = [];
    let outcome: SyncOutcome;
    try {
      outcome = await during(this.title, (report, signal) => {
        const show = (text: string): void => {
          report(text);
          showInView(`${this.title}   ${text}`);
          entry.progress(text);
        };
        return this.#guarded(steps, () =>
          work((step) => {
            steps.push(step);
            log.info(`${this.title}: ${progressText(steps, this.parts.t)}`);
            show(progressText(steps, this.parts.t));
          }, signal),
        );
      });
    } finally {
      entry.end();
      showInView(undefined);
      await refresh(this.target).catch((error: unknown) => log.error('The views could not be refreshed', error));
    }
    await this.end(outcome, { ...(done === undefined ? {} : { done }), isApplied: steps.some(isApplying) });
  }

  /** Something to know of what was done. */
  say(text: string): Promise<void> {
    const { tell, log } = this.parts;
    log.info(`${this.title}: ${text}`);
    void tell({ severity: 'information', text, next: [] }).catch((error: unknown) => log.error('Not told', error));
    return Promise.resolve();
  }

  /** Says how it ended. What the user does about it does not keep the action going. */
  end(outcome: SyncOutcome, more: { done?: string; isApplied?: boolean } = {}): Promise<void> {
    const { tell, follow, log, t } = this.parts;
    const { context } = this.target;
    const ended = { action: this.#action, application: this.#name, context, ...more };
    const ending = endingOf(ended, outcome, t);
    if (ending.severity !== 'information') log.warn(`${this.title}: ${ending.text}`);
    else log.info(`${this.title}: ${ending.text}`);
    void tell(ending)
      .then((next) => {
        if (next === 'retry') return this.#again();
        return next === undefined ? undefined : follow(next, this.target);
      })
      .catch((error: unknown) => log.error('The next step could not be taken', error));
    return Promise.resolve();
  }

  /** What a cluster or Git refuses outside of a service's care is an end as well, with what was done until then. */
  async #guarded(steps: readonly SyncStep[], work: () => Promise<SyncOutcome>): Promise<SyncOutcome> {
    try {
      return await work();
    } catch (error) {
      if (!ClusterError.is(error) && !GitError.is(error)) throw error;
      const { t } = this.parts;
      const done = steps.length === 0 ? t('nothing was changed') : progressText(steps, t);
      return {
        result: 'failed',
        reason: error.message,
        done,
        ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
      };
    }
  }
}

function isApplying({ step }: SyncStep): boolean {
  return step === 'applied' || step === 'applying';
}

/** What confirmations name. */
export function subjectOf(
  { parts, target }: ActionRun,
  application: { name: string; engine: Subject['engine']; control?: { namespace: string; name: string } },
): Subject {
  return {
    application: application.name,
    engine: application.engine,
    context: target.context,
    isProtected: parts.permissions.isProtected(target.context),
    ...(application.control === undefined ? {} : { control: application.control }),
  };
}

/** The plan of one application, and the problems that keep it from being whole. */
export function foreseen(list: PlanList, application: string): Foreseen & { plan?: PlanReport } {
  const plan = list.plans.find((item) => item.application === application);
  const concerns = (problem: Problem): boolean =>
    problem.application === undefined || problem.application === application;
  return { ...(plan === undefined ? {} : { plan }), problems: list.problems.filter(concerns) };
}
