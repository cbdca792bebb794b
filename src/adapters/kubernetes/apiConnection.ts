import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Json } from '../../core/json.ts';
import { parseJson } from '../../core/jsonText.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import { type Log, silentLog } from '../../ports/log.ts';
import type { CredentialSource } from './credentialSource.ts';
import type { RequestSubject } from './describeRequest.ts';
import { isLoopback } from './environmentProxy.ts';
import { type HttpAnswer, StaleConnection, exchange } from './httpExchange.ts';
import { unreachable } from './networkError.ts';
import { statusError } from './statusError.ts';
import { sleep } from './waiting.ts';

export interface ApiRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With its query. */
  path: string;
  subject: RequestSubject;
  body?: string;
  contentType?: string;
  accept?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** The answer is read as it comes, without end: its body may be silent. */
  stream?: boolean;
  /** Answers besides 2xx that are values, not errors. */
  expected?: readonly number[];
}

export interface TextAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Credentials of the context as the kubeconfig has them now. */
export interface OpenedCredentials {
  source: CredentialSource;
  signIn: string;
}

export interface ApiConnectionOptions {
  context: string;
  server: string;
  proxy: string | undefined;
  credentials: OpenedCredentials;
  /** Reads the kubeconfig again and opens credentials anew; asked once when the server refuses the old ones. */
  reopen: () => Promise<OpenedCredentials>;
  log?: Log;
  /** Milliseconds; tests shorten them. */
  limits?: Partial<ConnectionLimits>;
}

export interface ConnectionLimits {
  connect: number;
  silence: number;
  /** The longest that one request waits in all for an overloaded server. */
  patience: number;
  /** Wait before asking an overloaded server again, where it names none. */
  retryAfter: number;
}

const defaultLimits: ConnectionLimits = { connect: 15_000, silence: 60_000, patience: 30_000, retryAfter: 1_000 };
/** How long nobody tries to sign in anew after the server refused fresh credentials: a plugin may open a browser each time. */
const refusalMilliseconds = 20_000;
const maxAnswerBytes = 384 * 1024 * 1024;
const userAgent = 'plumbline';

/**
 * Sends requests to one API server as one user. Waits where the server asks to (429, Retry-After), signs in anew once where it
 * refuses (401), and turns every failure into a `ClusterError`; an abort rejects with the signal's reason.
 */
export class ApiConnection {
  readonly context: string;
  readonly server: string;
  readonly log: Log;
  readonly #options: ApiConnectionOptions;
  readonly #limits: ConnectionLimits;
  readonly #compressed: boolean;
  #credentials: OpenedCredentials;
  #renewal: Promise<void> | undefined;
  readonly #retired: CredentialSource[] = [];
  readonly #closed = new AbortController();
  /** Until then a refusal stands: fresh credentials were refused as well. */
  #refusedUntil = 0;

  constructor(options: ApiConnectionOptions) {
    this.#options = options;
    this.context = options.context;
    this.server = options.server;
    this.log = options.log ?? silentLog;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#credentials = options.credentials;
    // Compressing costs the server more time than loopback takes for the plain bytes.
    this.#compressed = !isLoopback(new URL(options.server).hostname.replace(/^\[|\]$/g, ''));
  }

  /** Aborts when the connection is disposed, with the error that everything then rejects with. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** The answer, read to its end. @throws {ClusterError} */
  async request(request: ApiRequest): Promise<TextAnswer> {
    for (let repeated = false; ; repeated = true) {
      const answer = await this.open(request);
      try {
        return { status: answer.status, headers: answer.headers, text: await readText(answer.body) };
      } catch (error) {
        if (ClusterError.is(error)) throw error;
        request.signal?.throwIfAborted();
        // Half an answer: whoever only reads may ask again.
        if (repeated || request.method !== 'GET') throw this.#failure(error);
      }
    }
  }

  /** @throws {ClusterError} */
  async json(request: ApiRequest): Promise<Json> {
    return this.parse((await this.request(request)).text);
  }

  /** @throws {ClusterError} `server` */
  parse(text: string): Json {
    try {
      return parseJson(text);
    } catch {
      // Not the parser's message, which quotes the text.
      throw new ClusterError('server', `${this.context} (${this.server}) answered with what is not JSON.`, {
        remedy: 'Check whether a proxy or a sign-in page stands before the API server.',
      });
    }
  }

  /** Resolves when the head of a good answer is there; its body is the caller's to read or destroy. @throws {ClusterError} */
  async open(request: ApiRequest): Promise<HttpAnswer> {
    const giveUp = performance.now() + this.#limits.patience;
    let signedInAnew = false;
    for (;;) {
      const used = this.#credentials;
      const answer = await this.#send(request, used.source);
      const { status } = answer;
      if ((status >= 200 && status < 300) || request.expected?.includes(status) === true) return answer;
      const text = await this.#readError(answer, request);
      if (status === 401 && signedInAnew) this.#refusedUntil = performance.now() + refusalMilliseconds;
      else if (status === 401 && performance.now() >= this.#refusedUntil) {
        signedInAnew = true;
        await this.#renew(used);
        continue;
      }
      const wait = this.#waitFor(answer);
      if (wait !== undefined && performance.now() + wait < giveUp) {
        await this.#pause(wait, request.signal);
        continue;
      }
      throw statusError(status, text, request.subject, { ...this.#options, signIn: this.#credentials.signIn });
    }
  }

  /** Closes all connections; what is under way rejects. */
  dispose(): void {
    this.#closed.abort(closedError(this.context));
    for (const source of [...this.#retired, this.#credentials.source]) source.dispose();
  }

  async #send(request: ApiRequest, source: CredentialSource): Promise<HttpAnswer> {
    this.closed.throwIfAborted();
    const credentials = await source.next(request.signal);
    const attempt = (): Promise<HttpAnswer> =>
      exchange({
        method: request.method,
        url: new URL(this.server + request.path),
        headers: {
          Accept: request.accept ?? 'application/json',
          'User-Agent': userAgent,
          ...(this.#compressed && request.stream !== true ? { 'Accept-Encoding': 'gzip' } : {}),
          ...(request.contentType === undefined ? {} : { 'Content-Type': request.contentType }),
          ...request.headers,
          ...credentials.headers,
        },
        body: request.body,
        agent: credentials.agent,
        connectMilliseconds: this.#limits.connect,
        silenceMilliseconds: this.#limits.silence,
        silentBody: request.stream === true,
        signal: request.signal,
      });
    try {
      return await attempt();
    } catch (error) {
      request.signal?.throwIfAborted();
      if (error instanceof StaleConnection && isRepeatable(request)) {
        return attempt().catch((again: unknown) => {
          request.signal?.throwIfAborted();
          throw this.#failure(again);
        });
      }
      throw this.#failure(error);
    }
  }

  async #pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    await sleep(milliseconds, signal === undefined ? this.closed : AbortSignal.any([signal, this.closed]));
  }

  async #readError(answer: HttpAnswer, request: ApiRequest): Promise<string> {
    try {
      return await readText(answer.body);
    } catch {
      request.signal?.throwIfAborted();
      return '';
    }
  }

  /** Only the first of several refused requests signs in; the others go on with what it brought. */
  async #renew(refused: OpenedCredentials): Promise<void> {
    if (this.#credentials !== refused) return;
    this.log.info(`${this.context} refused the sign-in; reading credentials again`);
    this.#renewal ??= this.#options
      .reopen()
      .then((opened) => {
        // Requests under way still use its connections, so they close at the end only.
        this.#retired.push(refused.source);
        this.#credentials = opened;
        if (this.closed.aborted) opened.source.dispose();
      })
      .finally(() => (this.#renewal = undefined));
    await this.#renewal;
  }

  /** Milliseconds to wait before asking again, where the server wants that: it has done nothing yet then. */
  #waitFor({ status, headers }: HttpAnswer): number | undefined {
    const named = headers['retry-after'];
    if (status !== 429 && !(status >= 500 && named !== undefined)) return undefined;
    const seconds = Number(named);
    if (named !== undefined && Number.isFinite(seconds) && seconds >= 0) {
      return Math.max(seconds * 1000, 50) * (1 + Math.random() / 10);
    }
    return this.#limits.retryAfter * (0.5 + Math.random());
  }

  #failure(error: unknown): ClusterError {
    if (ClusterError.is(error)) return error;
    if (this.closed.aborted) return this.closed.reason as ClusterError;
    return unreachable(this.context, this.server, error, this.#options.proxy);
  }
}

function closedError(context: string): ClusterError {
  return new ClusterError('unreachable', `The connection to ${context} was closed.`, { remedy: 'Refresh.' });
}

/** Whether sending it twice is the same as once: reads, and server-side apply, which states what shall be. */
function isRepeatable({ method, contentType }: ApiRequest): boolean {
  return method === 'GET' || contentType === 'application/apply-patch+yaml';
}

async function readText(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxAnswerBytes) {
      body.destroy();
      throw new ClusterError('server', `An answer was larger than ${maxAnswerBytes / 1024 / 1024} MiB.`);
    }
    chunks.push(chunk);
  }
  return (chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)).toString('utf8');
}
