import { randomBytes, randomInt } from 'node:crypto';
import { type Server, createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { bootstrap } from '../core/cluster/bootstrap.ts';
import { ControllerLoop } from '../core/cluster/controllerLoop.ts';
import { sandboxControllers } from '../core/cluster/controllers/sandboxControllers.ts';
import { SimulatedCluster } from '../core/cluster/simulatedCluster.ts';
import { LoopRunner } from './loopRunner.ts';
import { sandboxKinds } from './builtInTable.ts';
import { makeServerCertificate } from './certificate.ts';
import { defaultDataDirectory, lockDirectory } from './dataDirectory.ts';
import { HttpFace } from './httpFace.ts';
import { Journal } from './journal.ts';
import { sandboxContext, writeKubeconfig } from './kubeconfig.ts';
import { SandboxError } from './sandboxError.ts';

export interface SandboxOptions {
  /** Default: one that is free. */
  port?: number;
  /** Where state and kubeconfig are kept; default: the user's data folder. */
  dataDirectory?: string;
  clock?: { now(): Date };
  /** From 0 to below 1; makes uids and generated names. Never the token. */
  random?: () => number;
  /** Told of what went wrong inside, such as a disk that is full; the sandbox goes on and tries again. */
  onFault?: (error: unknown) => void;
}

export interface Sandbox {
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  readonly token: string;
  /** A kubeconfig with the sandbox's context alone, mode 0600. */
  readonly kubeconfigPath: string;
  readonly contextName: typeof sandboxContext;
  /** PEM of the server's certificate, its own authority. */
  readonly certificate: string;
  /** For use in the same process. */
  readonly cluster: SimulatedCluster;
  /** Ends all connections and writes what is left; the state stays on disk. */
  stop(): Promise<void>;
  /** Empties the cluster, except for what a new one has. */
  reset(): void;
}

/**
 * Starts the embedded cluster (design §3.2): a Kubernetes API on 127.0.0.1 with TLS and a random token, whose state outlives it.
 * Throws SandboxError.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const directory = options.dataDirectory ?? defaultDataDirectory();
  const now = (): Date => options.clock?.now() ?? new Date();
  const lock = lockDirectory(directory);
  const cluster = new SimulatedCluster({ kinds: sandboxKinds(), now, random: options.random ?? randomFraction });
  const journal = new Journal(directory, cluster.store, (snapshot) => cluster.load(snapshot));
  bootstrap(cluster);
  const loop = new ControllerLoop(cluster, sandboxControllers);
  const runner = new LoopRunner(loop, cluster, options.onFault ?? (() => undefined));

  const stopping = new AbortController();
  const token = randomBytes(32).toString('base64url');
  const { certificate, key } = makeServerCertificate(new Date());
  const server = createServer({ cert: certificate, key, minVersion: 'TLSv1.2' });
  const port = (): number => (server.address() as AddressInfo).port;
  const face = new HttpFace({ cluster, token, port, stopping: stopping.signal });
  server.on('request', (request, response) => void face.handle(request, response));
  try {
    await listen(server, options.port ?? 0);
  } catch (error) {
    runner.dispose();
    journal.dispose();
    lock.dispose();
    throw error;
  }
  const url = `https://127.0.0.1:${port()}`;
  const kubeconfigPath = join(directory, 'kubeconfig');
  writeKubeconfig(kubeconfigPath, url, token, certificate);

  return {
    url,
    token,
    kubeconfigPath,
    contextName: sandboxContext,
    certificate,
    cluster,
    stop: async () => {
      stopping.abort();
      runner.dispose();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      journal.dispose();
      lock.dispose();
    },
    reset: () => {
      const { resourceVersion } = cluster.store.snapshot();
      for (const crd of cluster.catalog.kinds.flatMap((kind) => kind.custom?.crd ?? []))
        cluster.catalog.setCustom(crd, []);
      // The version goes on growing, so that watches of before are told to list again.
      cluster.load({ resourceVersion: resourceVersion + 1, collections: [] });
      server.closeAllConnections();
      bootstrap(cluster);
      journal.compact();
      runner.wake();
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EADDRINUSE') reject(cause);
      else
        reject(
          new SandboxError('port-taken', `Port ${port} is taken.`, { remedy: 'Choose another with --port.', cause }),
        );
    });
    server.listen(port, '127.0.0.1', () => resolve());
  });
}

function randomFraction(): number {
  return randomInt(2 ** 47) / 2 ** 47;
}
