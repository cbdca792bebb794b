import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';
import { type Json, field, stringAt } from '../../core/json.ts';
import { parseJson } from '../../core/jsonText.ts';
import type { ApiResource, ListOptions, WatchEvent } from '../../ports/cluster.ts';
import { ClusterError, type ClusterErrorReason } from '../../ports/clusterError.ts';
import type { ApiConnection } from './apiConnection.ts';
import { unreachable } from './networkError.ts';
import { asObject, listObjects } from './objectLister.ts';
import { collectionPath, withQuery } from './requestPath.ts';
import { sleep } from './waiting.ts';

/** Milliseconds; tests shorten them. */
export interface WatchTimes {
  /** First wait after a failure; doubles up to the longest. */
  firstRetry: number;
  longestRetry: number;
  /** How long one watch request is asked to last, and up to twice that, so that many do not end together. */
  duration: number;
  /** Silence after which a connection that has shown bookmarks counts as dead; a server sends them every minute or two (1.35: 120 s). */
  bookmarkSilence: number;
  /** A connection that stood so long ends the series of failures. */
  settled: number;
}

const defaultTimes: WatchTimes = {
  firstRetry: 800,
  longestRetry: 30_000,
  duration: 240_000,
  bookmarkSilence: 180_000,
  settled: 10_000,
};

const hopeless: readonly ClusterErrorReason[] = [
  'unauthorized',
  'credentials',
  'forbidden',
  'not-found',
  'bad-request',
];

/**
 * Lists, then watches, and starts again from the last resourceVersion whenever the server ends the watch, which it does every few
 * minutes by design; only failures are told (`interrupted`, `resumed`). A forgotten resourceVersion (410) lists anew.
 * @throws {ClusterError} what no repetition mends
 */
export async function watchObjects(
  connection: ApiConnection,
  resource: ApiResource,
  options: ListOptions,
  onEvent: (event: WatchEvent) => void,
  overrides: Partial<WatchTimes> = {},
): Promise<void> {
  const times = { ...defaultTimes, ...overrides };
  const { signal } = options;
  const ended = signal === undefined ? connection.closed : AbortSignal.any([signal, connection.closed]);
  const watch = new Watch(connection, resource, options, onEvent, times);
  let failures = 0;
  for (;;) {
    try {
      signal?.throwIfAborted();
      const lasted = await watch.run();
      // Some proxies end a watch at once each time; asking again without a pause would be a storm.
      failures = lasted >= Math.min(times.settled, 1_000) ? 0 : failures + 1;
      if (failures > 1) await sleep(retryDelay(failures - 1, times), ended);
    } catch (error) {
      if (signal?.aborted === true) return;
      connection.closed.throwIfAborted();
      if (!ClusterError.is(error)) throw error;
      if (hopeless.includes(error.reason)) throw error;
      if (watch.stoodFor() >= times.settled) failures = 0;
      failures += 1;
      const retryInMilliseconds = retryDelay(failures, times);
      connection.log.debug(`watch of ${resource.resource} on ${connection.context}: ${error.message}`);
      watch.interrupted(error, retryInMilliseconds);
      await sleep(retryInMilliseconds, ended).catch(() => {});
    }
  }
}

/** Full jitter on the upper half: clients that lost the same server do not come back together. */
function retryDelay(failures: number, times: WatchTimes): number {
  const full = Math.min(times.firstRetry * 2 ** (failures - 1), times.longestRetry);
  return Math.round(full * (0.5 + Math.random() / 2));
}

/** Destroys a body that says nothing any more. */
class Silence extends Error {}

class Watch {
  readonly #connection: ApiConnection;
  readonly #resource: ApiResource;
  readonly #options: ListOptions;
  readonly #onEvent: (event: WatchEvent) => void;
  readonly #times: WatchTimes;
  /** Undefined: list first. */
  #resourceVersion: string | undefined;
  #isInterrupted = false;
  #since: number | undefined;

  constructor(
    connection: ApiConnection,
    resource: ApiResource,
    options: ListOptions,
    onEvent: (event: WatchEvent) => void,
    times: WatchTimes,
  ) {
    this.#connection = connection;
    this.#resource = resource;
    this.#options = options;
    this.#onEvent = onEvent;
    this.#times = times;
  }

  interrupted(error: ClusterError, retryInMilliseconds: number): void {
    this.#isInterrupted = true;
    this.#onEvent({ type: 'interrupted', error, retryInMilliseconds });
  }

  /** Milliseconds since the connection that just ended stood; 0 where none did. */
  stoodFor(): number {
    return this.#since === undefined ? 0 : performance.now() - this.#since;
  }

  /** One connection, until the server ends it. Answers how long it stood, in milliseconds. */
  async run(): Promise<number> {
    this.#since = undefined;
    if (this.#resourceVersion === undefined) {
      const { objects, resourceVersion } = await listObjects(this.#connection, this.#resource, this.#options);
      this.#resourceVersion = resourceVersion;
      this.#onEvent({ type: 'listed', objects });
    }
    const duration = this.#times.duration * (1 + Math.random());
    let body: Readable;
    try {
      body = await this.#open(this.#resourceVersion, duration);
    } catch (error) {
      if (!ClusterError.is(error, 'gone')) throw error;
      this.#resourceVersion = undefined;
      return 0;
    }
    this.#since = performance.now();
    if (this.#isInterrupted) {
      this.#isInterrupted = false;
      this.#onEvent({ type: 'resumed' });
    }
    await this.#readEvents(body, duration);
    return this.stoodFor();
  }

  async #open(resourceVersion: string, duration: number): Promise<Readable> {
    const { namespace = '', labelSelector, signal } = this.#options;
    const answer = await this.#connection.open({
      method: 'GET',
      path: withQuery(collectionPath(this.#resource, namespace), {
        watch: true,
        allowWatchBookmarks: true,
        resourceVersion,
        timeoutSeconds: Math.ceil(duration / 1000),
        labelSelector,
      }),
      subject: { verb: 'watch', resource: this.#resource, namespace },
      stream: true,
      signal,
    });
    return answer.body;
  }

  /** Reads lines until the body ends. A line cut off by a broken connection is dropped: the server sends its event again. */
  async #readEvents(body: Readable, duration: number): Promise<void> {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    let bookmarks = false;
    const limit = (): number => (bookmarks ? this.#times.bookmarkSilence : duration + this.#times.bookmarkSilence);
    const onSilence = (): void => void body.destroy(new Silence());
    let timer = setTimeout(onSilence, limit());
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        const lines = (rest + decoder.write(chunk)).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (line.trim() === '') continue;
          if (this.#take(parseLine(line, this.#connection)) === 'bookmark') bookmarks = true;
          if (this.#isForgotten()) return;
        }
        clearTimeout(timer);
        timer = setTimeout(onSilence, limit());
      }
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      // A half-open connection: the server's silence is no failure of the watch, which goes on from where it stood.
      if (error instanceof Silence) return;
      if (ClusterError.is(error)) throw error;
      throw unreachable(this.#connection.context, this.#connection.server, error);
    } finally {
      clearTimeout(timer);
      body.destroy();
    }
  }

  #isForgotten(): boolean {
    return this.#resourceVersion === undefined;
  }

  #take(event: Json): 'bookmark' | 'object' | 'forgotten' {
    const type = stringAt(event, 'type');
    const content = field(event, 'object') ?? null;
    if (type === 'ERROR') {
      if (field(content, 'code') === 410) {
        this.#resourceVersion = undefined;
        return 'forgotten';
      }
      throw new ClusterError('server', stringAt(content, 'message') ?? `${this.#connection.context} ended the watch.`);
    }
    const resourceVersion = stringAt(content, 'metadata', 'resourceVersion');
    if (resourceVersion !== undefined) this.#resourceVersion = resourceVersion;
    if (type === 'BOOKMARK') return 'bookmark';
    const object = asObject(content, this.#resource, this.#options, new Map());
    const name = eventNames.get(type);
    if (object !== undefined && name !== undefined) this.#onEvent({ type: name, object });
    return 'object';
  }
}

const eventNames = new Map<string | undefined, 'added' | 'modified' | 'deleted'>([
  ['ADDED', 'added'],
  ['MODIFIED', 'modified'],
  ['DELETED', 'deleted'],
]);

function parseLine(line: string, connection: ApiConnection): Json {
  try {
    return parseJson(line);
  } catch {
    // Not the parser's message: it quotes the line.
    throw new ClusterError('server', `${connection.context} sent an event that is not JSON.`);
  }
}
