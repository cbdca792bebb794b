import type { Cluster, ClusterProvider } from '../../ports/cluster.ts';

/** The user's contexts and the sandbox's as one, without writing any kubeconfig. The sandbox's own wins over one of the same name. */
export class JoinedClusters implements ClusterProvider {
  readonly #user: ClusterProvider;
  readonly #sandbox: () => { context: string; clusters: ClusterProvider } | undefined;

  constructor(user: ClusterProvider, sandbox: () => { context: string; clusters: ClusterProvider } | undefined) {
    this.#user = user;
    this.#sandbox = sandbox;
  }

  async contexts(): ReturnType<ClusterProvider['contexts']> {
    const sandbox = this.#sandbox();
    const user = await this.#user.contexts();
    if (sandbox === undefined) return user;
    const own = await sandbox.clusters.contexts();
    return {
      contexts: [
        ...own.contexts.map((context) => ({ ...context, current: false })),
        ...user.contexts.filter((context) => context.name !== sandbox.context),
      ],
      problems: [...own.problems, ...user.problems],
      // The sandbox's own file does not change under it; only the user's are watched.
      files: user.files,
    };
  }

  async connect(context: string): Promise<Cluster> {
    const sandbox = this.#sandbox();
    return sandbox?.context === context ? sandbox.clusters.connect(context) : this.#user.connect(context);
  }

  reset(): void {
    this.#user.reset();
  }
}
