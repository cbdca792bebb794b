import { request } from 'node:https';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '../../../src/core/json.ts';
import { parseJson } from '../../../src/core/jsonText.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../src/sandbox/sandboxServer.ts';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** Of the text; null where it is no JSON. */
  json: Json;
}

export interface AskOptions {
  method?: string;
  /** Sent as JSON unless it is bytes. */
  body?: Json | Buffer;
  headers?: Record<string, string>;
  /** Undefined sends the right one, an empty text none. */
  token?: string;
}

type Target = Pick<Sandbox, 'url' | 'token' | 'certificate'>;

/** One request to a sandbox, with its certificate verified. */
export function ask(sandbox: Target, path: string, options: AskOptions = {}): Promise<Answer> {
  const token = options.token ?? sandbox.token;
  const { body } = options;
  const headers: Record<string, string> = {
    ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...options.headers,
  };
  return new Promise((resolve, reject) => {
    const sent = request(
      sandbox.url + path,
      { method: options.method ?? 'GET', headers, ca: sandbox.certificate, servername: 'localhost', agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: jsonOf(text) });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : Buffer.isBuffer(body) ? body : JSON.stringify(body));
  });
}

function jsonOf(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

/** A sandbox over a folder of its own, which goes with it. */
export async function temporarySandbox(
  options: SandboxOptions = {},
): Promise<Sandbox & { directory: string; remove(): Promise<void> }> {
  const directory = options.dataDirectory ?? (await mkdtemp(join(tmpdir(), 'plumbline-sandbox-')));
  const sandbox = await startSandbox({ ...options, dataDirectory: directory });
  return {
    ...sandbox,
    directory,
    remove: async () => {
      await sandbox.stop();
      await rm(directory, { recursive: true });
    },
  };
}
