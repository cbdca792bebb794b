import { type MessagePort, isMainThread, parentPort, workerData } from 'node:worker_threads';

/** This module as a file, to be run as a worker thread: the sources in tests, the bundle where it is shipped. */
export const jqWorkerFile = import.meta.url;

/** Marks the threads that are meant to serve. */
export const jqWorkerMark = 'plumbline-jq';

export interface JqWorkerQuestion {
  expression: string;
  /** JSON text. */
  input: string;
}

/** Output of jq, one JSON value for each line; or the text of its error. */
export type JqWorkerAnswer = { ready: true } | { output: string } | { error: string };

if (!isMainThread && parentPort !== null && workerData === jqWorkerMark) void serve(parentPort);

/** The library is loaded only here: a thread of its own can be ended when an expression does not end by itself. */
async function serve(port: MessagePort): Promise<void> {
  const { raw } = await import('jq-wasm');
  const answer = async ({ expression, input }: JqWorkerQuestion): Promise<JqWorkerAnswer> => {
    try {
      return { output: await raw(input, `[path(${expression})]`, ['-c']) };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  };
  port.on('message', (question: JqWorkerQuestion) => {
    void answer(question).then((found) => {
      port.postMessage(found);
    });
  });
  await raw('{}', '.', ['-c']);
  port.postMessage({ ready: true } satisfies JqWorkerAnswer);
}
