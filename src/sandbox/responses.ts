import type { ServerResponse } from 'node:http';
import { type StatusError, statusObject } from '../core/cluster/statusError.ts';
import type { Json } from '../core/json.ts';
import { printJson } from '../core/jsonText.ts';

export function sendJson(response: ServerResponse, code: number, body: Json, contentType = 'application/json'): void {
  sendText(response, code, printJson(body), contentType);
}

export function sendPlain(response: ServerResponse, code: number, body: string): void {
  sendText(response, code, body, 'text/plain; charset=utf-8');
}

export function sendText(response: ServerResponse, code: number, body: string, contentType: string): void {
  const bytes = Buffer.from(body, 'utf8');
  response.writeHead(code, {
    'content-type': contentType,
    'content-length': bytes.length,
    'cache-control': 'no-cache, private',
  });
  response.end(bytes);
}

export function sendStatus(response: ServerResponse, error: StatusError): void {
  sendJson(response, error.code, statusObject(error));
}
