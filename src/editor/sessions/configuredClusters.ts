import type { Cluster, ClusterProvider } from '../../ports/cluster.ts';

/** The contexts of the kubeconfig that the settings name at the moment. */
export class ConfiguredClusters implements ClusterProvider {
  readonly #explicit: () => string | undefined;
  readonly #open: (explicit: string | undefined) => ClusterProvider;
  #opened: { explicit: string | undefined; clusters: ClusterProvider } | undefined;

  constructor(explicit: () => string | undefined, open: (explicit: string | undefined) => ClusterProvider) {
    this.#explicit = explicit;
    this.#open = open;
  }

  contexts(): ReturnType<ClusterProvider['contexts']> {
    return this.#current().contexts();
  }

  connect(context: string): Promise<Cluster> {
    return this.#current().connect(context);
  }

  reset(): void {
    this.#opened?.clusters.reset();
  }

  #current(): ClusterProvider {
    const explicit = this.#explicit();
    if (this.#opened === undefined || this.#opened.explicit !== explicit) {
      this.#opened?.clusters.reset();
      this.#opened = { explicit, clusters: this.#open(explicit) };
    }
    return this.#opened.clusters;
  }
}
