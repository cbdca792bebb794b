import type { PlanList } from '../../core/report.ts';
import type { RollbackOutcome } from '../../services/rollback/rollBack.ts';
import { stoppedText } from '../../services/sync/syncOutcome.ts';
import { exitCode } from '../exitCode.ts';
import { printJson } from './printJson.ts';
import { printPlans } from './planText.ts';
import type { Style } from './style.ts';

/** What `sync` and `rollback` print with `--output json`: the plans that were shown and how each application ended. */
export interface ActionReport {
  kind: 'ActionReport';
  version: 1;
  /** RFC 3339 */
  at: string;
  plans: PlanList['plans'];
  problems: PlanList['problems'];
  /** Empty where nothing was to be done, as without `--yes`. */
  results: ({ application: string } & RollbackOutcome)[];
}

/** Standard output of commands that change things: text as it happens, or one JSON value at the end. */
export class ActionOutput {
  readonly #json: boolean;
  readonly #style: Style;
  #plans: Pick<PlanList, 'plans' | 'problems'> = { plans: [], problems: [] };
  readonly #results: ActionReport['results'] = [];

  constructor(format: 'text' | 'json', style: Style) {
    this.#json = format === 'json';
    this.#style = style;
  }

  plans(list: PlanList): void {
    this.#plans = list;
    this.say(printPlans(list, this.#style).trimEnd());
  }

  /** A line for people. */
  say(line: string): void {
    if (!this.#json) process.stdout.write(`${line}\n`);
  }

  /** Says how it ended and returns the exit code that it means. */
  outcome(application: { id: string; name: string }, outcome: RollbackOutcome): number {
    this.#results.push({ application: application.id, ...outcome });
    this.say(`${application.name}: ${outcomeText(outcome)}`);
    const isDone = outcome.result === 'done' || outcome.result === 'written';
    return isDone ? exitCode.nothingToReport : exitCode.actionFailed;
  }

  /** Writes the JSON value, where one was asked for. */
  end(now: Date): void {
    if (!this.#json) return;
    const report: ActionReport = {
      kind: 'ActionReport',
      version: 1,
      at: now.toISOString(),
      ...{ plans: this.#plans.plans, problems: this.#plans.problems },
      results: this.#results,
    };
    process.stdout.write(printJson(report));
  }
}

function outcomeText(outcome: RollbackOutcome): string {
  switch (outcome.result) {
    case 'done':
      return outcome.health === 'healthy' ? 'synced, healthy' : 'synced';
    case 'refused':
      return `refused: ${outcome.reason}. ${outcome.remedy ?? ''}`.trimEnd();
    case 'failed':
      return `failed: ${outcome.reason} (${outcome.done}) ${outcome.remedy ?? ''}`.trimEnd();
    case 'unhealthy':
      return `applied, not healthy: ${outcome.reason} (${outcome.done})`;
    case 'stopped':
      return stoppedText(outcome);
    case 'written':
      return outcome.pushed === undefined
        ? `committed ${outcome.commit.slice(0, 7)}, not pushed`
        : `pushed ${outcome.pushed.branch}; merge it to roll back`;
  }
}
