import { findBinary } from './binaries.ts';
import { build } from './build.ts';
import { sets } from './components.ts';

/** What a set is made of; each switch adds processes, seconds and memory. */
export interface ClusterOptions {
  /** Controller manager, scheduler, simulated nodes. On by default; off leaves etcd and kube-apiserver. */
  readonly controllers?: boolean;
  /** kustomize-controller, helm-controller, and a stand-in for source-controller. */
  readonly flux?: boolean;
  /** Argo CD's repo-server and application-controller, and redis. */
  readonly argocd?: boolean;
  /** A Git remote over HTTP. Comes by itself with `flux` and `argocd`. */
  readonly gitServer?: boolean;
  /** Have the API server write down every request, for `ControlPlane.audit`. Off by default, as it costs time. */
  readonly audit?: boolean;
}

function needed({ controllers = true, flux = false, argocd = false, gitServer = false }: ClusterOptions): string[] {
  return [
    ...['openssl', 'etcd', 'kube-apiserver', 'kubectl'],
    ...(controllers ? ['kube-controller-manager', 'kube-scheduler', 'kwok'] : []),
    ...(flux ? ['kustomize-controller', 'helm-controller', 'helm'] : []),
    ...(argocd ? ['argocd', 'helm', 'kustomize', 'redis-server'] : []),
    ...(gitServer || flux || argocd ? ['git'] : []),
  ];
}

/** Absolute paths of the programs of a set, and the names of those that are not there. */
export async function locate(
  options: ClusterOptions,
): Promise<{ binaries: ReadonlyMap<string, string>; missing: readonly string[] }> {
  const binaries = new Map<string, string>();
  const missing: string[] = [];
  for (const name of new Set(needed(options))) {
    const path = await findBinary(name);
    if (path === undefined) missing.push(name);
    else binaries.set(name, path);
  }
  return { binaries, missing };
}

/** A set cannot be started for want of programs. */
export class MissingBinaries extends Error {
  readonly missing: readonly string[];

  constructor(missing: readonly string[]) {
    super(`no binaries (${missing.join(', ')}); build them with: node test/rig/cluster/build.ts`);
    this.name = 'MissingBinaries';
    this.missing = missing;
  }
}

/**
 * For the `skip` option of a test: false when the set can be started, else the reason. With `PLUMBLINE_CLUSTER_BUILD=1` what
 * is missing is built first, which takes minutes; nobody waits for that unasked.
 */
export async function skipReason(options: ClusterOptions = {}): Promise<string | false> {
  // The pids' owner is told by /proc.
  if (process.platform !== 'linux') return 'skipped: the cluster rig needs Linux';
  let { missing } = await locate(options);
  if (missing.length > 0 && process.env.PLUMBLINE_CLUSTER_BUILD === '1') {
    const names = ['api-server', 'control-plane', options.flux ? 'flux' : '', options.argocd ? 'argocd' : ''];
    await build(names.flatMap((name) => sets[name] ?? []));
    ({ missing } = await locate(options));
  }
  return missing.length === 0 ? false : `skipped: ${new MissingBinaries(missing).message}`;
}
