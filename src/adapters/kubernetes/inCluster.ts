import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { type Kubeconfig, mergeKubeconfigs } from './kubeconfig.ts';

const folder = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * What a pod (a Tekton task, a Jenkins agent) has instead of a kubeconfig: the service account mounted into it, as context
 * `in-cluster`. Undefined where this process is in no pod.
 */
export async function inClusterKubeconfig(
  environment: NodeJS.ProcessEnv,
  accountFolder = folder,
): Promise<Kubeconfig | undefined> {
  const host = environment['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = environment['KUBERNETES_SERVICE_PORT'] ?? '443';
  const tokenFile = `${accountFolder}/token`;
  if (host === '' || (await read(tokenFile)) === undefined) return undefined;
  const namespace = (await read(`${accountFolder}/namespace`))?.trim() ?? '';
  const entry = (name: string, value: Record<string, string>) => ({ name, file: tokenFile, line: 1, value });
  return mergeKubeconfigs(
    [],
    [
      {
        file: tokenFile,
        currentContext: 'in-cluster',
        contexts: [entry('in-cluster', { cluster: 'in-cluster', user: 'service-account', namespace })],
        clusters: [
          entry('in-cluster', {
            server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
            'certificate-authority': `${accountFolder}/ca.crt`,
          }),
        ],
        users: [entry('service-account', { tokenFile })],
        problems: [],
      },
    ],
  );
}

async function read(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}
