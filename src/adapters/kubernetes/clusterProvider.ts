import type { Problem } from '../../core/problem.ts';
import { stringAt } from '../../core/json.ts';
import type { Cluster, ClusterProvider, ContextSummary } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { Log } from '../../ports/log.ts';
import type { ProcessRunner } from '../../ports/processRunner.ts';
import { ApiConnection, type ConnectionLimits, type OpenedCredentials } from './apiConnection.ts';
import { environmentProxy } from './environmentProxy.ts';
import { type ContextConfig, contextConfig, summarizeContexts } from './kubeconfig.ts';
import { type KubeconfigPlace, readKubeconfig } from './kubeconfigFiles.ts';
import { KubernetesCluster } from './kubernetesCluster.ts';
import { SchemaFolder } from './schemaFolder.ts';
import { signInAgain } from './signIn.ts';
import type { WatchTimes } from './watchObjects.ts';

export interface KubeconfigClustersOptions extends KubeconfigPlace {
  /** Runs credential plugins; finds them on PATH. */
  runner: ProcessRunner;
  log?: Log;
  /** Keeps Kubernetes' own schemas from one run to the next. */
  schemaFolder?: string;
  /** For tests. */
  limits?: Partial<ConnectionLimits>;
  /** For tests. */
  watchTimes?: Partial<WatchTimes>;
}

/**
 * The clusters of the user's kubeconfig. Reading it contacts nothing and loads nothing heavy; client-node is loaded when the first
 * context is connected. The kubeconfig is never written.
 */
export class KubeconfigClusters implements ClusterProvider {
  readonly #options: KubeconfigClustersOptions;
  readonly #clusters = new Map<string, Promise<KubernetesCluster>>();

  constructor(options: KubeconfigClustersOptions) {
    this.#options = options;
  }

  async contexts(): Promise<{ contexts: ContextSummary[]; problems: Problem[]; files: string[] }> {
    const kubeconfig = await readKubeconfig(this.#options);
    return { contexts: summarizeContexts(kubeconfig), problems: kubeconfig.problems, files: kubeconfig.files };
  }

  connect(context: string): Promise<Cluster> {
    const known = this.#clusters.get(context);
    if (known !== undefined) return known;
    const connecting = this.#connect(context);
    this.#clusters.set(context, connecting);
    connecting.catch(() => {
      if (this.#clusters.get(context) === connecting) this.#clusters.delete(context);
    });
    return connecting;
  }

  reset(): void {
    for (const cluster of this.#clusters.values()) {
      cluster.then(
        (connected) => connected.dispose(),
        () => {},
      );
    }
    this.#clusters.clear();
  }

  async #connect(context: string): Promise<KubernetesCluster> {
    const config = contextConfig(await readKubeconfig(this.#options), context);
    const proxy = proxyOf(config, this.#options.environment);
    const { log, limits, schemaFolder, watchTimes } = this.#options;
    const connection = new ApiConnection({
      context,
      server: config.server,
      proxy,
      credentials: await this.#open(config, proxy),
      reopen: async () => {
        const current = contextConfig(await readKubeconfig(this.#options), context);
        // Credentials for another server must not go to this one; whoever watches the files resets.
        if (current.server !== config.server) {
          throw new ClusterError('unauthorized', `The kubeconfig now names another server for ${context}.`, {
            remedy: 'Refresh, so that it is contacted.',
          });
        }
        return this.#open(current, proxy);
      },
      ...(log === undefined ? {} : { log }),
      ...(limits === undefined ? {} : { limits }),
    });
    return new KubernetesCluster(connection, {
      namespace: config.namespace,
      schemaFolder: schemaFolder === undefined ? undefined : new SchemaFolder(schemaFolder),
      ...(watchTimes === undefined ? {} : { watchTimes }),
    });
  }

  async #open(config: ContextConfig, proxy: string | undefined): Promise<OpenedCredentials> {
    const { openCredentials } = await import('./clientNode.ts');
    const source = openCredentials(config, { runner: this.#options.runner, proxy });
    return { source, signIn: signInAgain(config.context, config.user) };
  }
}

/** The kubeconfig's own proxy comes before that of the environment, and no NO_PROXY turns it off, as with kubectl. */
function proxyOf(config: ContextConfig, environment: NodeJS.ProcessEnv): string | undefined {
  const own = stringAt(config.cluster, 'proxy-url') ?? '';
  const proxy = own === '' ? environmentProxy(config.server, environment) : own;
  if (proxy === undefined || isProxy(proxy)) return proxy;
  // The address is not shown: it may hold a password.
  const where = own === '' ? 'the environment (HTTPS_PROXY, HTTP_PROXY)' : 'its kubeconfig (proxy-url)';
  throw new ClusterError('invalid-kubeconfig', `${config.context} was not contacted: ${where} names no usable proxy.`, {
    remedy: 'Write it as http://host:port or socks5://host:port, with every % of a name or password as %25.',
  });
}

function isProxy(text: string): boolean {
  try {
    const { protocol, hostname, username, password } = new URL(text);
    decodeURIComponent(username + password);
    return /^(?:https?|socks[45]?[ah]?):$/.test(protocol) && hostname !== '';
  } catch {
    return false;
  }
}
