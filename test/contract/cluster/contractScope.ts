import assert from 'node:assert/strict';
import type { KubeObject } from '../../../src/core/kube/objectKey.ts';
import type { ApiResource, Cluster } from '../../../src/ports/cluster.ts';
import { ClusterError, type ClusterErrorReason } from '../../../src/ports/clusterError.ts';

/** A cluster to hold against the contract. It is the suite's alone, so that counts are exact. */
export interface ContractCluster {
  /** As somebody who may do everything. */
  cluster: Cluster;
  /** As somebody who may read in namespace `team` and nothing else; the namespace exists. */
  limited?: Cluster;
  /** Breaks all connections to the cluster, as a restart of its API server does; resolves when it answers again. */
  interrupt?: () => Promise<void>;
  close(): Promise<void>;
}

/** The cluster of a suite once it is made, with what its tests ask of it. */
export interface ContractScope extends ContractCluster {
  configMaps: ApiResource;
  namespaces: ApiResource;
  /** A kind that is served. */
  kind: (group: string, resource: string) => Promise<ApiResource>;
  /** A ConfigMap of namespace `contract`. */
  get: (name: string) => Promise<KubeObject | undefined>;
}

export const manager = { fieldManager: 'contract' };

/** A ConfigMap of namespace `contract`. */
export function configMap(name: string, data: Record<string, string>, labels?: Record<string, string>): KubeObject {
  const metadata = { name, namespace: 'contract', ...(labels === undefined ? {} : { labels }) };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
}

/** For `assert.rejects`: a ClusterError of a reason, with a text in its message. */
export function isReason(reason: ClusterErrorReason, text?: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(ClusterError.is(error, reason), `expected ${reason}, got ${String(error)}`);
    if (text !== undefined) assert.match(error.message, text);
    return true;
  };
}
