import assert from 'node:assert/strict';
import type { InputOptions, PickItem, PickOptions, Prompts, Question } from '../../../src/editor/actions/prompts.ts';

/** Answers by a script, one answer per dialog in order; remembers what was asked. */
export class ScriptedPrompts implements Prompts {
  readonly questions: Question[] = [];
  readonly inputs: InputOptions[] = [];
  readonly picks: { options: PickOptions; items: PickItem<unknown>[] }[] = [];
  readonly #answers: (string | readonly string[] | undefined)[];

  constructor(answers: readonly (string | readonly string[] | undefined)[]) {
    this.#answers = [...answers];
  }

  /** How many answers were not asked for. */
  get left(): number {
    return this.#answers.length;
  }

  ask(question: Question): Promise<string | undefined> {
    this.questions.push(question);
    const answer = this.#next(question.message);
    assert.ok(
      answer === undefined || question.buttons.includes(answer),
      `${question.message} has no ${String(answer)}`,
    );
    return Promise.resolve(answer);
  }

  input(options: InputOptions): Promise<string | undefined> {
    this.inputs.push(options);
    const answer = this.#next(options.title);
    // As in the editor, what is not valid cannot be accepted.
    return Promise.resolve(answer === undefined || options.validate(answer) !== undefined ? undefined : answer);
  }

  pick<T>(items: readonly PickItem<T>[], options: PickOptions): Promise<T | undefined> {
    this.picks.push({ options, items: [...items] });
    const answer = this.#next(options.title);
    const found = items.find((item) => item.label === answer);
    assert.ok(answer === undefined || found, `${options.title} has no ${String(answer)}`);
    return Promise.resolve(found?.value);
  }

  pickMany<T>(items: readonly PickItem<T>[], options: PickOptions): Promise<T[] | undefined> {
    this.picks.push({ options, items: [...items] });
    assert.ok(this.#answers.length > 0, `${options.title} was not expected`);
    const answer = this.#answers.shift();
    if (answer === undefined) return Promise.resolve(undefined);
    const labels = typeof answer === 'string' ? [answer] : answer;
    return Promise.resolve(items.filter((item) => labels.includes(item.label)).map((item) => item.value));
  }

  #next(what: string): string | undefined {
    assert.ok(this.#answers.length > 0, `${what} was not expected`);
    const answer = this.#answers.shift();
    assert.ok(answer === undefined || typeof answer === 'string');
    return answer;
  }
}
