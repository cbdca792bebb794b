import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { StatusError } from '../core/cluster/statusError.ts';

/**
 * Whether a request may be answered. A page in a browser that was led to loopback by a foreign name (DNS rebinding) sends that name
 * as Host; and whoever reaches the port still needs the token. Throws StatusError 403 and 401.
 */
export function checkRequest(request: IncomingMessage, port: number, token: string): void {
  const { host } = request.headers;
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) {
    throw new StatusError(403, 'Forbidden', 'the Host header does not name this server');
  }
  if (request.headers.origin !== undefined) {
    throw new StatusError(403, 'Forbidden', 'requests of web pages are not answered');
  }
  const sent = /^Bearer ([^\s]+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  // Hashes have one length, so that the comparison takes one time whatever was sent.
  if (!timingSafeEqual(digest(sent), digest(token))) throw new StatusError(401, 'Unauthorized', 'Unauthorized');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
