import type { ClusterProvider } from '../ports/cluster.ts';

/**
 * Asks the clusters of a command what they serve while files are still being read: connecting takes several round trips, and both
 * have to be done. Whoever needs the answer shares it; a failure is told there, not here.
 */
export function askAhead(clusters: ClusterProvider, contexts: readonly string[]): void {
  for (const context of contexts) {
    clusters
      .connect(context)
      .then((cluster) => cluster.discover())
      .catch(() => {});
  }
}
