import type { KubeObject } from '../../core/kube/objectKey.ts';
import type { Commit, GitRepository } from '../../ports/gitRepository.ts';
import type { KnownApplication } from '../drift/driftSession.ts';
import { type PlanSource, watchedObjects } from './commitPlans.ts';
import { type CommitStages, worktree } from './commitStages.ts';
import type { EngineState } from './engineState.ts';
import { LiveVersions } from './liveVersions.ts';

/** What to plan of one application, and from which state of the cluster. */
export interface PlanChains {
  /** Names that state: another text where anything differs that a plan depends on. */
  base: string;
  /** By revision: a commit or the working tree, after all that comes before it. */
  chains: ReadonlyMap<string, readonly PlanSource[]>;
}

/**
 * Decides which rows get a plan: commits that are not applied and the working tree, each after the ones before it; others when they are
 * asked for.
 */
export class PlanChooser {
  readonly #repository: GitRepository;
  readonly #versions = new LiveVersions();
  readonly #wanted = new Set<string>();
  readonly #renders = new WeakMap<object, number>();
  #renderCount = 0;

  constructor(repository: GitRepository) {
    this.#repository = repository;
  }

  /** Plans a row that is not planned by itself: what is applied already, or an older commit. False where it is known already. */
  want(revision: string): boolean {
    const isNew = !this.#wanted.has(revision);
    this.#wanted.add(revision);
    return isNew;
  }

  /** Undefined where nothing is foretold. */
  choose(
    known: KnownApplication,
    stages: CommitStages,
    engine: EngineState,
    older: readonly Commit[],
  ): PlanChains | undefined {
    // How Argo CD applies is not foretold yet.
    if (known.prepared.application.engine === 'argocd') return undefined;
    const version = this.#versions.take(new Map([...watchedObjects(known).objects, ...groundOf(known)]));
    const base = JSON.stringify([version, fingerprintOf(known, engine)]);
    const first = stages.applied?.revision ?? stages.base?.id;
    const following = stages.unapplied.toReversed().map((item) => item.commit.id);
    const edited = stages.edited.length > 0;
    const needsFirst =
      first !== undefined &&
      (following.length > 0 || edited || stages.applied === undefined || this.#wanted.has(first));
    const chain: PlanSource[] = [];
    const chains = new Map<string, readonly PlanSource[]>();
    const add = (source: PlanSource): void => {
      chain.push(source);
      chains.set(source.revision, [...chain]);
    };
    for (const revision of needsFirst ? [first, ...following] : following) add(this.#commitSource(revision));
    if (edited) add(this.#worktreeSource(known));
    for (const { id } of older) {
      if (this.#wanted.has(id) && !chains.has(id)) chains.set(id, [this.#commitSource(id)]);
    }
    return { base, chains };
  }

  #commitSource(revision: string): PlanSource {
    return { revision, fingerprint: revision, tree: (signal) => this.#repository.tree(revision, { signal }) };
  }

  /** The working tree is rendered by the session of drift already, unsaved text included. */
  #worktreeSource({ prepared }: KnownApplication): PlanSource {
    let count = this.#renders.get(prepared.targets);
    if (count === undefined) {
      count = ++this.#renderCount;
      this.#renders.set(prepared.targets, count);
    }
    const tree = (): Promise<never> => Promise.reject(new TypeError('the working tree is rendered already'));
    return { revision: worktree, fingerprint: `${worktree} ${count}`, prepared, tree };
  }
}

/** Namespaces and definitions that other applications bring: without them objects are blocked. */
function groundOf({ live }: KnownApplication): [string, KubeObject][] {
  return [...live.objects].filter(([key]) =>
    /^(?:\/Namespace|apiextensions\.k8s\.io\/CustomResourceDefinition)\//.test(key),
  );
}

/** What of the engine's objects decides a plan, beside the live objects and the source. */
function fingerprintOf({ flux, prepared }: KnownApplication, engine: EngineState): unknown {
  if (flux === undefined) return [engine.applied ?? null, engine.appliedAt ?? null, prepared.application.destination];
  const { kustomization, overlay, commonMetadata } = flux.delivery;
  return [kustomization.prune, kustomization.force, kustomization.inventory, overlay, commonMetadata];
}
