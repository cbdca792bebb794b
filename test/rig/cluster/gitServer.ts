import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { gitEnvironment } from './gitEnvironment.ts';
import { freePort } from './ports.ts';

export interface GitRepository {
  /** What clones, Flux and Argo CD all use. */
  readonly url: string;
  /** The bare repository on disk. */
  readonly path: string;
  /** From now on every push is refused with this message, as a protected branch would; undefined accepts again. */
  rejectPushes(message: string | undefined): Promise<void>;
}

/** Git over smart HTTP on 127.0.0.1, open to anyone on this machine. */
export interface GitServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /**
   * Asked before each request; an answer is sent instead of Git's. For servers that fail: 401, 503, or a request that is
   * never answered (a promise that stays open).
   */
  intercept: ((request: IncomingMessage) => Promise<{ status: number; body: string } | undefined>) | undefined;
  /** An empty bare repository with branch `main`, at `/NAME.git`. */
  createRepository(name: string): Promise<GitRepository>;
  stop(): Promise<void>;
}

/** Sends what a CGI program writes: header lines, an empty line, the body. */
function sendCgiOutput(output: NodeJS.ReadableStream, response: ServerResponse): void {
  let head: Buffer | undefined = Buffer.alloc(0);
  output.on('data', (chunk: Buffer) => {
    if (head === undefined) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    for (const line of head.subarray(0, end).toString().split('\r\n')) {
      const colon = line.indexOf(':');
      const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
      if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.write(head.subarray(end + 4));
    head = undefined;
  });
  output.on('end', () => {
    if (head !== undefined) response.statusCode = 500;
    response.end();
  });
}

function serveGit(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const header = (name: string): string => String(request.headers[name] ?? '');
  const backend = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      ...gitEnvironment(),
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: header('content-type'),
      CONTENT_LENGTH: header('content-length'),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      GIT_PROTOCOL: header('git-protocol'),
      // A user name, whichever, is what permits a push.
      REMOTE_USER: 'anyone',
      REMOTE_ADDR: '127.0.0.1',
    },
  });
  backend.on('error', (error) => response.destroy(error));
  backend.stdin.on('error', () => undefined);
  // A client that goes away must not leave its backend waiting.
  response.on('close', () => backend.kill());
  request.pipe(backend.stdin);
  sendCgiOutput(backend.stdout, response);
}

async function createRepository(root: string, url: string, name: string): Promise<GitRepository> {
  const path = join(root, `${name}.git`);
  await mkdir(path, { recursive: true });
  await runCommand('git', ['init', '--quiet', '--bare', '--initial-branch=main', path], {
    environment: gitEnvironment(),
  });
  const hook = join(path, 'hooks', 'pre-receive');
  return {
    url: `${url}/${name}.git`,
    path,
    async rejectPushes(message) {
      await rm(hook, { force: true });
      if (message === undefined) return;
      await writeFile(`${hook}.message`, message);
      await writeFile(hook, '#!/bin/sh\ncat "$0.message" >&2\nexit 1\n');
      await chmod(hook, 0o755);
    },
  };
}

/** Starts a server; its repositories are kept in `folder`, by default a new one that `stop` removes. */
export async function startGitServer(folder?: string): Promise<GitServer> {
  const root = folder ?? (await mkdtemp(join(await realpath(tmpdir()), 'plumbline-git-')));
  const port = await freePort();
  const host = `127.0.0.1:${String(port)}`;
  const url = `http://${host}`;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // Another name for this address means that a web page sends its visitor's browser here.
    if (request.headers.host !== host) {
      response.writeHead(421).end();
      return;
    }
    const instead = await server.intercept?.(request);
    if (instead === undefined) serveGit(root, request, response);
    else response.writeHead(instead.status, { 'Content-Type': 'text/plain' }).end(instead.body);
  };
  const http = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const server: GitServer = {
    url,
    intercept: undefined,
    createRepository: (name) => createRepository(root, url, name),
    async stop() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      if (folder === undefined) await rm(root, { recursive: true, force: true });
    },
  };
  return server;
}
