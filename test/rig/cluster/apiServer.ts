import { join } from 'node:path';
import { fetchText } from './apiClient.ts';
import type { Certificates } from './certificates.ts';
import { freePort } from './ports.ts';
import type { ProcessSet, ProcessSpec } from './processSet.ts';
import { makeTokens, type Tokens } from './users.ts';

/** etcd and kube-apiserver of one set. */
export interface ApiServer {
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  readonly tokens: Tokens;
  /** Starts kube-apiserver (again) on the same port and waits until it is ready. */
  start(): Promise<void>;
}

async function startEtcd(processes: ProcessSet, command: string): Promise<string> {
  const client = `http://127.0.0.1:${String(await freePort())}`;
  const peer = `http://127.0.0.1:${String(await freePort())}`;
  await processes.start({
    name: 'etcd',
    command,
    args: [
      ...[
        '--name',
        'default',
        '--data-dir',
        join(processes.folder, 'etcd'),
        '--unsafe-no-fsync',
        '--log-level',
        'warn',
      ],
      ...['--listen-client-urls', client, '--advertise-client-urls', client, '--listen-peer-urls', peer],
      ...['--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`],
    ],
    ready: async () => (await fetchText(`${client}/health`)).status === 200,
  });
  return client;
}

/** Starts both and waits for `/readyz`. `binaries` maps names to absolute paths; `furtherFlags` are kube-apiserver's. */
export async function startApiServer(
  processes: ProcessSet,
  binaries: ReadonlyMap<string, string>,
  certificates: Certificates,
  furtherFlags: readonly string[],
): Promise<ApiServer> {
  const etcd = await startEtcd(processes, binaries.get('etcd') ?? 'etcd');
  const port = await freePort();
  const url = `https://127.0.0.1:${String(port)}`;
  const tokenFile = join(processes.folder, 'tokens.csv');
  const tokens = await makeTokens(tokenFile);
  const { serviceAccountKeyFile } = certificates;
  const spec: ProcessSpec = {
    name: 'kube-apiserver',
    command: binaries.get('kube-apiserver') ?? 'kube-apiserver',
    args: [
      `--etcd-servers=${etcd}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      // A loopback address is refused in an Endpoints object, and nobody needs that object here.
      '--endpoint-reconciler-type=none',
      `--secure-port=${String(port)}`,
      `--tls-cert-file=${certificates.certificateFile}`,
      `--tls-private-key-file=${certificates.keyFile}`,
      `--client-ca-file=${certificates.caFile}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${serviceAccountKeyFile}`,
      `--service-account-signing-key-file=${serviceAccountKeyFile}`,
      `--token-auth-file=${tokenFile}`,
      '--authorization-mode=RBAC',
      '--service-cluster-ip-range=10.96.0.0/16',
      '--allow-privileged=true',
      ...furtherFlags,
    ],
    ready: async () => {
      const headers = { Authorization: `Bearer ${tokens.admin}` };
      const reply = await fetchText(`${url}/readyz`, { ca: certificates.ca, headers });
      return reply.status === 200 && reply.body === 'ok';
    },
  };
  await processes.start(spec);
  return { url, tokens, start: () => processes.start(spec) };
}
