import type { Json } from '../../core/json.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import type { ApiResource, Cluster } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { FluxDelivery } from '../applications/fluxApplications.ts';

const requestedAt = 'reconcile.fluxcd.io/requestedAt';

export type FluxRole = 'source' | 'kustomization';

/** The two Flux objects of a delivery, read and asked to reconcile by their references. */
export class FluxObjectsOf {
  readonly #delivery: FluxDelivery;
  readonly #cluster: Cluster;
  readonly #signal: AbortSignal | undefined;

  constructor(delivery: FluxDelivery, cluster: Cluster, signal: AbortSignal | undefined) {
    this.#delivery = delivery;
    this.#cluster = cluster;
    this.#signal = signal;
  }

  async get(role: FluxRole): Promise<KubeObject> {
    const { resource, namespace, name } = await this.#find(role);
    const object = await this.#cluster.get(resource, namespace, name, this.#signal);
    if (object === undefined)
      throw new ClusterError('not-found', `${resource.kind} ${namespace}/${name} does not exist any more`);
    return object;
  }

  /** Returns the stamp that the controller will echo in `status.lastHandledReconcileAt`. */
  async request(role: FluxRole, now: Date): Promise<string> {
    const stamp = now.toISOString();
    await this.patch(role, { metadata: { annotations: { [requestedAt]: stamp } } });
    return stamp;
  }

  /** A merge patch by Plumbline's own manager, which Flux does not take over (semantics F-9). */
  async patch(role: FluxRole, patch: Json): Promise<KubeObject> {
    const { resource, namespace, name } = await this.#find(role);
    return this.#cluster.patch(resource, namespace, name, patch, {
      type: 'merge',
      fieldManager: 'plumbline',
      ...(this.#signal === undefined ? {} : { signal: this.#signal }),
    });
  }

  async #find(role: FluxRole): Promise<{ resource: ApiResource; namespace: string; name: string }> {
    const { kustomization } = this.#delivery;
    const kind = role === 'source' ? 'GitRepository' : 'Kustomization';
    const group = role === 'source' ? 'source.toolkit.fluxcd.io' : 'kustomize.toolkit.fluxcd.io';
    const { resources } = await this.#cluster.discover();
    const resource = resources.find((item) => item.group === group && item.kind === kind);
    if (resource === undefined)
      throw new ClusterError('not-found', `${this.#cluster.context} does not serve Flux's ${kind}`);
    const { namespace, name } = role === 'source' ? kustomization.source : kustomization;
    return { resource, namespace, name };
  }
}
