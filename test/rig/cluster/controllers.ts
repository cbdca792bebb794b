import { fetchText, type ApiClient } from './apiClient.ts';
import type { Certificates } from './certificates.ts';
import { freePort } from './ports.ts';
import type { ProcessSet } from './processSet.ts';

/** Starts kube-controller-manager and kube-scheduler; ready when pods are accepted in namespace `default`. */
export async function startControllers(
  processes: ProcessSet,
  binaries: ReadonlyMap<string, string>,
  certificates: Certificates,
  api: ApiClient,
  kubeconfig: string,
): Promise<void> {
  const common = async (): Promise<{ url: string; args: string[] }> => {
    const port = String(await freePort());
    const args = [
      ...[`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--bind-address=127.0.0.1', `--secure-port=${port}`],
      ...[`--tls-cert-file=${certificates.certificateFile}`, `--tls-private-key-file=${certificates.keyFile}`],
    ];
    return { url: `https://127.0.0.1:${port}`, args };
  };
  const answers = async (url: string): Promise<boolean> =>
    (await fetchText(url, { ca: certificates.ca })).status === 200;
  const [manager, scheduler] = [await common(), await common()];
  await Promise.all([
    processes.start({
      name: 'kube-controller-manager',
      command: binaries.get('kube-controller-manager') ?? 'kube-controller-manager',
      args: [
        ...manager.args,
        `--service-account-private-key-file=${certificates.serviceAccountKeyFile}`,
        `--root-ca-file=${certificates.caFile}`,
        '--use-service-account-credentials=false',
        '--node-monitor-grace-period=5m',
        '--kube-api-qps=100',
        '--kube-api-burst=200',
      ],
      // Before its first ServiceAccount is there, pods are refused.
      ready: async () =>
        (await answers(`${manager.url}/healthz`)) &&
        (await api.get('/api/v1/namespaces/default/serviceaccounts/default')).status === 200,
    }),
    processes.start({
      name: 'kube-scheduler',
      command: binaries.get('kube-scheduler') ?? 'kube-scheduler',
      args: scheduler.args,
      ready: () => answers(`${scheduler.url}/readyz`),
    }),
  ]);
}
