import { fetchText, type ApiClient } from './apiClient.ts';
import { assetFolder } from './binaries.ts';
import { installCrds } from './crds.ts';
import { freePort } from './ports.ts';
import type { ProcessSet } from './processSet.ts';

/** The namespace of the controllers; the objects that they read may lie in any. */
export const fluxNamespace = 'flux-system';

/** Installs Flux's eight CRDs and starts kustomize-controller and helm-controller. */
export async function startFlux(
  processes: ProcessSet,
  binaries: ReadonlyMap<string, string>,
  api: ApiClient,
  kubeconfig: string,
): Promise<void> {
  await api.send('POST', '/api/v1/namespaces', { metadata: { name: fluxNamespace } });
  const names = ['kustomize-controller', 'helm-controller'];
  for (const name of names) await installCrds(api, await assetFolder(name, 'crds'));
  const start = async (name: string): Promise<void> => {
    const health = `127.0.0.1:${String(await freePort())}`;
    await processes.start({
      name,
      command: binaries.get(name) ?? name,
      args: [
        '--watch-all-namespaces',
        '--events-addr=',
        `--metrics-addr=127.0.0.1:${String(await freePort())}`,
        `--health-addr=${health}`,
        '--enable-leader-election=false',
        '--requeue-dependency=5s',
      ],
      environment: { KUBECONFIG: kubeconfig, RUNTIME_NAMESPACE: fluxNamespace },
      ready: async () => (await fetchText(`http://${health}/readyz`)).status === 200,
    });
  };
  await Promise.all(names.map(start));
}
