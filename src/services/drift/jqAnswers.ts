import type { IgnoreRule, JqPaths } from '../../core/drift/ignoreRule.ts';
import { printJson } from '../../core/jsonText.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import type { Problem } from '../../core/problem.ts';
import type { Application } from '../../core/delivery/application.ts';
import type { Jq, JqAnswer } from '../../ports/jq.ts';

/** Answers that are kept; an object that changes often would else fill the memory. */
const mostAnswers = 500;

/**
 * What jq says of objects, remembered. A comparison is not interrupted for it: it goes on without the answers that are missing, which
 * are asked for afterwards, and the object is compared once more.
 */
export class JqAnswers {
  readonly #jq: Jq | undefined;
  readonly #known = new Map<string, JqAnswer>();
  readonly #open = new Map<string, { program: string; object: KubeObject }>();
  #unanswered = 0;
  /** Expressions that can never be used, and why. */
  readonly #failed = new Map<string, Extract<JqAnswer, { failed: string }>>();

  constructor(jq: Jq | undefined) {
    this.#jq = jq;
  }

  /** How many answers are missing. */
  get missing(): number {
    return this.#open.size;
  }

  /** How often one was missing where it was wanted: a comparison that raises it is not final, whoever wanted the same before. */
  get unanswered(): number {
    return this.#unanswered;
  }

  readonly paths: JqPaths = (program, object) => {
    if (this.#failed.has(program)) return [];
    const id = `${program}\n${printJson(object)}`;
    const answer = this.#known.get(id);
    if (answer === undefined) {
      this.#open.set(id, { program, object });
      this.#unanswered++;
    }
    return answer !== undefined && 'paths' in answer ? answer.paths : [];
  };

  /** Asks for all that is missing. Rejects only with the reason of an abort. */
  async ask(signal?: AbortSignal): Promise<void> {
    for (const [id, { program, object }] of this.#open) {
      if (!this.#failed.has(program)) {
        const answer: JqAnswer =
          this.#jq === undefined
            ? { failed: 'jq is not at hand', always: true }
            : await this.#jq.paths(program, object, signal);
        if ('failed' in answer && answer.always) this.#failed.set(program, answer);
        this.#known.set(id, answer);
        const [oldest] = this.#known.keys();
        if (this.#known.size > mostAnswers && oldest !== undefined) this.#known.delete(oldest);
      }
      this.#open.delete(id);
    }
  }

  /** What is wrong with expressions of an application's rules: they ignore nothing, and the user has to know. */
  problemsOf(application: Application, rules: readonly IgnoreRule[]): Problem[] {
    const programs = new Set(rules.flatMap((rule) => rule.jqPathExpressions ?? []));
    return [...programs].flatMap((program): Problem[] => {
      const why = this.#failed.get(program);
      if (why === undefined) return [];
      return [
        {
          code: 'invalid-config',
          severity: 'warning',
          message:
            why.unreadable === true
              ? `The expression ${program} of ignoreDifferences is no jq (${why.failed}): Argo CD compares nothing of ${application.name}.`
              : `The expression ${program} of ignoreDifferences ignores nothing for ${application.name}: ${why.failed}.`,
          remedy: 'Correct it in the Application or in argocd-cm; the differences that it is meant for are shown.',
          application: application.id,
        },
      ];
    });
  }
}
