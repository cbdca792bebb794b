import { type Agent, ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { createGunzip } from 'node:zlib';
import { TimeLimit } from './networkError.ts';

export interface HttpMessage {
  method: string;
  url: URL;
  headers: Record<string, string | string[]>;
  body: string | undefined;
  agent: Agent;
  connectMilliseconds: number;
  /** The longest wait for the answer, and between two parts of it. */
  silenceMilliseconds: number;
  /** The answer's body may be silent: its reader watches over it. */
  silentBody: boolean;
  signal: AbortSignal | undefined;
}

export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** The body, decompressed. Whoever does not read it to its end destroys it. */
  body: Readable;
}

/** A connection that had served before broke as it was used again: the server had closed it meanwhile, and did nothing yet. */
export class StaleConnection extends Error {}

/** Sends one request and resolves with the head of the answer. Rejects with what the socket said, or `TimeLimit`. */
export function exchange(message: HttpMessage): Promise<HttpAnswer> {
  const { url, signal } = message;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const secure = url.protocol === 'https:';
    // Not http.request or https.request: VS Code replaces those, and its replacement (http.proxySupport `override`) drops the agent
    // and with it client certificates, the kubeconfig's proxy and kept connections.
    const request = new ClientRequest({
      protocol: url.protocol,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
      path: url.pathname + url.search,
      method: message.method,
      headers: {
        ...message.headers,
        ...(message.body === undefined ? {} : { 'Content-Length': Buffer.byteLength(message.body) }),
      },
      agent: message.agent,
    });
    let answer: IncomingMessage | undefined;
    const onAbort = (): void => {
      const reason = signal?.reason as Error;
      answer?.destroy(reason);
      request.destroy(reason);
      reject(reason);
    };
    const connecting = setTimeout(() => {
      request.destroy(new TimeLimit(`no connection within ${message.connectMilliseconds / 1000} s`));
    }, message.connectMilliseconds);
    const release = (): void => {
      clearTimeout(connecting);
      signal?.removeEventListener('abort', onAbort);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    whenConnected(request, secure, () => clearTimeout(connecting));
    request.setTimeout(message.silenceMilliseconds, () => {
      const late = new TimeLimit(`nothing came for ${message.silenceMilliseconds / 1000} s`);
      answer?.destroy(late);
      request.destroy(late);
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      release();
      const stale = request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(stale ? new StaleConnection(error.message, { cause: error }) : error);
    });
    request.once('response', (response) => {
      answer = response;
      clearTimeout(connecting);
      if (message.silentBody) request.setTimeout(0);
      response.once('close', release);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: decompressed(response) });
    });
    request.end(message.body);
  });
}

/** TLS counts as part of connecting: a port that accepts and then says nothing is as good as closed. */
function whenConnected(request: ClientRequest, secure: boolean, onConnected: () => void): void {
  request.once('socket', (socket) => {
    if (secure && socket instanceof TLSSocket) {
      const protocol = socket.getProtocol();
      if (protocol === null || protocol === 'unknown') socket.once('secureConnect', onConnected);
      else onConnected();
    } else if (socket.connecting) socket.once('connect', onConnected);
    else onConnected();
  });
}

function decompressed(response: IncomingMessage): Readable {
  if (response.headers['content-encoding'] !== 'gzip') return response;
  const gunzip = createGunzip();
  response.once('error', (error) => gunzip.destroy(error));
  // Readers get the error from iterating; without a listener it would end the process where nobody reads any more.
  gunzip.on('error', () => {});
  gunzip.once('close', () => {
    // Left half read: the connection is of no more use.
    if (!response.complete) response.destroy();
  });
  return response.pipe(gunzip);
}
