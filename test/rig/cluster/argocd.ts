import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fetchText, type ApiClient, type KubeObject } from './apiClient.ts';
import { assetFolder } from './binaries.ts';
import { installCrds } from './crds.ts';
import { freePort } from './ports.ts';
import type { ProcessSet } from './processSet.ts';

/** The namespace of the controllers and of their Applications. */
export const argocdNamespace = 'argocd';

/** The application-controller serves metrics on all addresses and has no flag against it; tests of "loopback only" except it. */
export const argocdOpenProcess = 'argocd-application-controller';

export interface ArgocdTarget {
  readonly api: ApiClient;
  readonly server: string;
  readonly kubeconfig: string;
  readonly ca: string;
  readonly token: string;
}

const configMaps = ['cm', 'rbac-cm', 'cmd-params-cm', 'gpg-keys-cm', 'ssh-known-hosts-cm', 'tls-certs-cm'];

/** What Argo CD expects to find at its start, and the set's own cluster as a destination called `rig`. */
async function createObjects({ api, server, ca, token }: ArgocdTarget): Promise<void> {
  const object = (kind: string, name: string, labels: Record<string, string>): KubeObject => ({
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace: argocdNamespace, labels },
  });
  const partOf = { 'app.kubernetes.io/part-of': 'argocd' };
  const caData = Buffer.from(ca).toString('base64');
  await api.send('POST', '/api/v1/namespaces', { metadata: { name: argocdNamespace } });
  await Promise.all([
    ...configMaps.map((name) => api.apply('configmaps', object('ConfigMap', `argocd-${name}`, partOf))),
    api.apply('secrets', {
      ...object('Secret', 'argocd-secret', partOf),
      stringData: { 'server.secretkey': randomBytes(24).toString('hex') },
    }),
    api.apply('secrets', {
      ...object('Secret', 'cluster-rig', { 'argocd.argoproj.io/secret-type': 'cluster' }),
      stringData: { name: 'rig', server, config: JSON.stringify({ bearerToken: token, tlsClientConfig: { caData } }) },
    }),
    api.apply('appprojects', {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AppProject',
      metadata: { name: 'default', namespace: argocdNamespace },
      spec: {
        sourceRepos: ['*'],
        destinations: [{ namespace: '*', server: '*' }],
        clusterResourceWhitelist: [{ group: '*', kind: '*' }],
      },
    }),
  ]);
}

async function environmentOf(folder: string): Promise<Record<string, string>> {
  const data: Record<string, string> = {};
  // Without folders of the set these would be sought under /app, where the container image has them.
  const names = ['ARGOCD_GNUPGHOME', 'ARGOCD_TLS_DATA_PATH', 'ARGOCD_SSH_DATA_PATH', 'ARGOCD_PLUGINSOCKFILEPATH'];
  for (const name of names) {
    const path = join(folder, 'argocd', name.toLowerCase());
    await mkdir(path, { recursive: true });
    data[name] = path;
  }
  // Ten seconds instead of three minutes until a commit is seen unasked; on the repo-server it limits what it remembers.
  const pace = { ARGOCD_RECONCILIATION_TIMEOUT: '10s', ARGOCD_RECONCILIATION_JITTER: '0s' };
  return { ...data, ...pace, ARGOCD_GPG_ENABLED: 'false' };
}

async function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

async function startRedis(processes: ProcessSet, command: string): Promise<string> {
  const port = await freePort();
  await processes.start({
    name: 'redis',
    command,
    args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    ready: () => accepts(port),
  });
  return `127.0.0.1:${String(port)}`;
}

/**
 * Installs Argo CD's three CRDs and starts redis, repo-server and application-controller. There is no argocd-server:
 * refresh, sync and rollback all go through the Application object.
 */
export async function startArgocd(
  processes: ProcessSet,
  binaries: ReadonlyMap<string, string>,
  target: ArgocdTarget,
): Promise<void> {
  const { api, kubeconfig } = target;
  await installCrds(api, await assetFolder('argocd', 'crds'));
  await createObjects(target);
  const redis = await startRedis(processes, binaries.get('redis-server') ?? 'redis-server');
  const environment = await environmentOf(processes.folder);
  const command = binaries.get('argocd') ?? 'argocd';
  const repoServer = await freePort();
  const repoMetrics = await freePort();
  const controllerMetrics = await freePort();
  const answers = async (url: string): Promise<boolean> => (await fetchText(url)).status === 200;
  await Promise.all([
    processes.start({
      name: 'argocd-repo-server',
      command,
      args: [
        ...['--address', '127.0.0.1', '--port', String(repoServer)],
        ...['--metrics-address', '127.0.0.1', '--metrics-port', String(repoMetrics)],
        ...['--redis', redis, '--disable-tls'],
      ],
      environment: { ...environment, ARGOCD_BINARY_NAME: 'argocd-repo-server' },
      ready: () => answers(`http://127.0.0.1:${String(repoMetrics)}/healthz?full=true`),
    }),
    processes.start({
      name: argocdOpenProcess,
      command,
      args: [
        ...['--namespace', argocdNamespace, '--kubeconfig', kubeconfig],
        ...['--repo-server', `127.0.0.1:${String(repoServer)}`, '--repo-server-plaintext', '--redis', redis],
        ...['--metrics-port', String(controllerMetrics), '--self-heal-timeout-seconds', '5'],
      ],
      environment: {
        ...environment,
        ARGOCD_BINARY_NAME: 'argocd-application-controller',
        // With these `https://kubernetes.default.svc` is this cluster, so manifests of real repositories need no change.
        ARGOCD_FAKE_IN_CLUSTER: 'true',
        KUBECONFIG: kubeconfig,
      },
      ready: () => answers(`http://127.0.0.1:${String(controllerMetrics)}/healthz`),
    }),
  ]);
}
