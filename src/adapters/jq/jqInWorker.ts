import type { Worker } from 'node:worker_threads';
import type { Disposable } from '../../core/emitter.ts';
import type { Json } from '../../core/json.ts';
import { printJson } from '../../core/jsonText.ts';
import type { Jq, JqAnswer, JqPath } from '../../ports/jq.ts';
import type { JqWorkerAnswer, JqWorkerQuestion } from './jqWorker.ts';

export interface JqOptions {
  /** Argo CD gives an expression so long (semantics A-9). */
  timeoutMilliseconds?: number;
  /** The thread and its memory are given back after so long without a question. */
  idleMilliseconds?: number;
}

/**
 * jq in a thread of its own, started with the first question. One question at a time; one that takes too long ends with its thread, and the
 * next one gets a new thread.
 */
export class JqInWorker implements Jq, Disposable {
  readonly #timeout: number;
  readonly #idle: number;
  #worker: Promise<Worker> | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  /** The last question; each waits for the one before. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: JqOptions = {}) {
    this.#timeout = options.timeoutMilliseconds ?? 1000;
    this.#idle = options.idleMilliseconds ?? 10_000;
  }

  paths(expression: string, input: Json, signal?: AbortSignal): Promise<JqAnswer> {
    const answer = this.#last.then(async () => {
      signal?.throwIfAborted();
      clearTimeout(this.#idleTimer);
      try {
        return await this.#ask({ expression, input: printJson(input) }, signal);
      } finally {
        this.#idleTimer = setTimeout(() => {
          this.dispose();
        }, this.#idle).unref();
      }
    });
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  /** Ends the thread; the next question starts another. */
  dispose(): void {
    clearTimeout(this.#idleTimer);
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.then((thread) => thread.terminate()).catch(() => undefined);
  }

  async #ask(question: JqWorkerQuestion, signal: AbortSignal | undefined): Promise<JqAnswer> {
    this.#worker ??= startWorker();
    let worker: Worker;
    try {
      worker = await this.#worker;
    } catch (error) {
      this.#worker = undefined;
      return {
        failed: `jq could not be started: ${error instanceof Error ? error.message : String(error)}`,
        always: true,
      };
    }
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<JqAnswer>();
    const giveUp = (end: () => void): void => {
      this.dispose();
      end();
    };
    const onAbort = (): void => {
      giveUp(() => {
        reject(signal?.reason as Error);
      });
    };
    const onEnd = (): void => {
      giveUp(() => {
        resolve({ failed: 'it ended jq', always: true });
      });
    };
    const onMessage = (message: JqWorkerAnswer): void => {
      resolve(answerOf(message));
    };
    const timer = setTimeout(() => {
      giveUp(() => {
        resolve({ failed: `it takes longer than ${this.#timeout} ms`, always: true });
      });
    }, this.#timeout);
    signal?.addEventListener('abort', onAbort, { once: true });
    worker.once('message', onMessage).once('error', onEnd).once('exit', onEnd);
    try {
      worker.postMessage(question);
      return await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      worker.off('message', onMessage).off('error', onEnd).off('exit', onEnd);
    }
  }
}

/** Resolves when jq stands in the thread, so that starting it counts for no expression's time. */
async function startWorker(): Promise<Worker> {
  const [threads, { jqWorkerFile, jqWorkerMark }] = await Promise.all([
    import('node:worker_threads'),
    import('./jqWorker.ts'),
  ]);
  const worker = new threads.Worker(new URL(jqWorkerFile), { workerData: jqWorkerMark, execArgv: [], env: {} });
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const onExit = (code: number): void => {
    reject(new Error(`its thread ended with ${code}`));
  };
  // Kept for good: an error that nobody listens to would end the process.
  worker.on('error', reject);
  worker.once('message', resolve).once('exit', onExit);
  await promise;
  worker.off('message', resolve).off('exit', onExit);
  // A thread that waits for questions keeps no process alive; while one is asked, its time limit does.
  worker.unref();
  return worker;
}

function answerOf(message: JqWorkerAnswer): JqAnswer {
  if ('output' in message) {
    const [line = '', ...more] = message.output.split('\n').filter((text) => text !== '');
    // Argo CD wants exactly one result of an expression (semantics A-9).
    if (more.length > 0 || line === '') return { failed: 'it is no single path expression', always: true };
    const paths = JSON.parse(line) as unknown[];
    return paths.every(isPath) ? { paths } : { failed: 'it is no path expression', always: true };
  }
  return 'error' in message ? failure(message.error) : { failed: 'jq gave no answer', always: true };
}

function isPath(path: unknown): path is JqPath {
  return Array.isArray(path) && path.every((part) => ['string', 'number'].includes(typeof part) || isSlice(part));
}

function isSlice(part: unknown): boolean {
  const { start, end } = (part ?? {}) as { start?: unknown; end?: unknown };
  return [start, end].every((bound) => bound === null || typeof bound === 'number');
}

/** jq quotes parts of the input in its run-time errors, which may be secret; what is said of an expression alone is kept. */
function failure(error: string): JqAnswer {
  const isCompile = /\d+ compile errors?/.test(error);
  if (isCompile) {
    const text = error.replace(/^.*?jq: error: /s, '').split(/ \(Unix shell|\n| at <top-level>/)[0] ?? '';
    return { failed: text.trim(), always: true, unreadable: true };
  }
  if (error.includes('Invalid path expression')) return { failed: 'it is no path expression', always: true };
  const known = /Cannot (?:iterate over|index|use) (?:null|boolean|number|string|array|object)\b/.exec(error)?.[0];
  return { failed: known ?? 'it fails on this object', always: false };
}
