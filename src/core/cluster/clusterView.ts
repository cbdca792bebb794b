import type { ObjectStore } from './objectStore.ts';

/** What admission sees of the cluster: its objects, and chance for names. */
export interface ClusterView {
  readonly store: ObjectStore;
  /** From 0 to below 1. */
  random(): number;
}
