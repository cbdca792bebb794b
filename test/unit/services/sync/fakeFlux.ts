import type { Json } from '../../../../src/core/json.ts';
import { applyMergePatch } from '../../../../src/core/apply/mergePatch.ts';
import { readFluxGitRepository } from '../../../../src/core/delivery/flux/fluxGitRepository.ts';
import { readFluxKustomization } from '../../../../src/core/delivery/flux/fluxKustomization.ts';
import { stringAt } from '../../../../src/core/json.ts';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';
import type { ApiResource, Cluster } from '../../../../src/ports/cluster.ts';
import { ClusterError } from '../../../../src/ports/clusterError.ts';
import type { FluxDelivery } from '../../../../src/services/applications/fluxApplications.ts';

const requested = 'reconcile.fluxcd.io/requestedAt';

/** How the controllers of a scripted Flux behave. */
export interface Behaviour {
  /** Commit that the source finds; undefined for a source that never answers. */
  fetches?: string;
  fetchFails?: string;
  /** How a reconcile of the Kustomization ends. */
  applies?: 'ready' | 'unready' | 'health-failed' | 'silent';
  /** Further objects, by kind, that a get or list answers. */
  others?: Readonly<Record<string, KubeObject>>;
  suspended?: 'Kustomization' | 'GitRepository';
  /** Reads that fail, from the first request on. */
  failingReads?: number;
}

/** Two Flux objects in a cluster whose controllers answer at the next look. */
export class FakeFlux {
  readonly #behaviour: Behaviour;
  readonly #objects = new Map<string, KubeObject>();
  readonly journal: string[] = [];
  #failing = 0;
  time = 0;

  constructor(behaviour: Behaviour) {
    this.#behaviour = behaviour;
    const common = { metadata: { name: 'shop', namespace: 'flux-system', generation: 1 } };
    const old = 'main@sha1:0000000000000000000000000000000000000000';
    this.#objects.set('GitRepository', {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      ...structuredClone(common),
      spec: { url: 'x', ref: { branch: 'main' }, ...suspend(behaviour, 'GitRepository') },
      status: { artifact: { revision: old }, conditions: [{ type: 'Ready', status: 'True' }] },
    });
    this.#objects.set('Kustomization', {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      ...structuredClone(common),
      spec: { sourceRef: { kind: 'GitRepository', name: 'shop' }, ...suspend(behaviour, 'Kustomization') },
      status: { observedGeneration: 1, lastAppliedRevision: old, conditions: [{ type: 'Ready', status: 'True' }] },
    });
  }

  get delivery(): FluxDelivery {
    return {
      kustomization: readFluxKustomization(this.#get('Kustomization')),
      source: readFluxGitRepository(this.#get('GitRepository')),
    } as unknown as FluxDelivery;
  }

  /** Time passes by waiting only. */
  readonly clock = {
    now: (): Date => new Date(this.time),
    sleep: (milliseconds: number, signal?: AbortSignal): Promise<void> => {
      this.time += milliseconds;
      return signal?.aborted === true ? Promise.reject(new Error('stopped')) : Promise.resolve();
    },
  };

  readonly cluster = {
    context: 'fake',
    discover: () =>
      Promise.resolve({ resources: [resource('Kustomization'), resource('GitRepository'), pods], problems: [] }),
    get: ({ kind }: ApiResource) => {
      if (this.#failing > 0) {
        this.#failing -= 1;
        return Promise.reject(new ClusterError('unreachable', 'connection refused'));
      }
      return Promise.resolve(structuredClone(this.#behaviour.others?.[kind] ?? this.#get(kind)));
    },
    list: ({ kind }: ApiResource) => {
      const found = this.#behaviour.others?.[kind];
      return Promise.resolve({ objects: found === undefined ? [] : [found] });
    },
    patch: ({ kind }: ApiResource, _namespace: string, _name: string, patch: Json) => {
      const object = applyMergePatch(this.#get(kind), patch) as KubeObject;
      this.#objects.set(kind, object);
      this.journal.push(`patch ${kind}`);
      this.#failing = this.#behaviour.failingReads ?? 0;
      if (kind === 'GitRepository') this.#fetch(object);
      else this.#apply(object);
      return Promise.resolve(structuredClone(this.#get(kind)));
    },
  } as unknown as Cluster;

  #get(kind: string): KubeObject {
    const object = this.#objects.get(kind);
    if (object === undefined) throw new Error(`no ${kind}`);
    return object;
  }

  #fetch(object: KubeObject): void {
    const { fetches, fetchFails } = this.#behaviour;
    if (fetches === undefined && fetchFails === undefined) return;
    const failed = { type: 'Ready', status: 'False', message: fetchFails ?? '' };
    object['status'] = {
      artifact: { revision: `main@sha1:${fetches ?? ''}` },
      lastHandledReconcileAt: stringAt(object, 'metadata', 'annotations', requested) ?? '',
      conditions: [fetchFails === undefined ? { type: 'Ready', status: 'True' } : failed],
    };
  }

  #apply(object: KubeObject): void {
    const { applies = 'ready' } = this.#behaviour;
    if (applies === 'silent') return;
    const revision = stringAt(this.#get('GitRepository'), 'status', 'artifact', 'revision') ?? '';
    const conditions = {
      ready: { type: 'Ready', status: 'True' },
      unready: { type: 'Ready', status: 'False', reason: 'ReconciliationFailed', message: 'Service/web is invalid' },
      'health-failed': {
        type: 'Ready',
        status: 'False',
        reason: 'HealthCheckFailed',
        message: 'timeout waiting for web',
      },
    };
    object['status'] = {
      observedGeneration: 1,
      lastHandledReconcileAt: stringAt(object, 'metadata', 'annotations', requested) ?? '',
      lastAttemptedRevision: revision,
      lastAppliedRevision: applies === 'ready' ? revision : 'main@sha1:0000000000000000000000000000000000000000',
      conditions: [conditions[applies]],
    };
  }
}

function suspend({ suspended }: Behaviour, kind: string): { suspend?: true } {
  return suspended === kind ? { suspend: true } : {};
}

const pods: ApiResource = { ...resource('Pod'), group: '', resource: 'pods' };

function resource(kind: string): ApiResource {
  const isSource = kind === 'GitRepository';
  return {
    group: isSource ? 'source.toolkit.fluxcd.io' : 'kustomize.toolkit.fluxcd.io',
    version: 'v1',
    kind,
    resource: isSource ? 'gitrepositories' : 'kustomizations',
    namespaced: true,
    verbs: [],
    shortNames: [],
    subresources: [],
  };
}
