import { withMembership } from '../../core/reconcile/applySet.ts';
import type { ApiResource, Cluster } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { Sleep } from '../actions/pause.ts';
import type { DeclaredTarget } from '../drift/target.ts';
import { mannerOf } from '../preview/applyManner.ts';

interface ApplyTargetOptions {
  sleep: Sleep;
  signal?: AbortSignal;
}

const pollMilliseconds = 1000;
/** A definition is served within a second or two. */
const attempts = 30;

/**
 * Applies one whole object as the manager that applied it before, since a field that Git drops must go with it (design §3.3). `setId` makes
 * it a member of that ApplySet.
 */
export async function applyTarget(
  cluster: Cluster,
  target: DeclaredTarget,
  setId: string | undefined,
  options: ApplyTargetOptions,
): Promise<'created' | 'configured' | 'unchanged'> {
  const resource = target.resource ?? (await servedAtLast(cluster, target, options));
  const { signal } = options;
  const live = await cluster.get(resource, target.key.namespace, target.key.name, signal);
  const { manager: fieldManager, force } = mannerOf(live, undefined);
  const { object } = target.rendered;
  const applied = await cluster.apply(resource, setId === undefined ? object : withMembership(object, setId), {
    fieldManager,
    force,
    ...(signal === undefined ? {} : { signal }),
  });
  if (live === undefined) return 'created';
  return applied.metadata['resourceVersion'] === live.metadata['resourceVersion'] ? 'unchanged' : 'configured';
}

/** A kind that came with this very change: served once its definition is established. */
async function servedAtLast(
  cluster: Cluster,
  target: DeclaredTarget,
  options: ApplyTargetOptions,
): Promise<ApiResource> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const { resources } = await cluster.discover({
      refresh: true,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const found = resources.find(
      (resource) =>
        resource.group === target.key.group && resource.kind === target.key.kind && resource.version === target.version,
    );
    if (found !== undefined) return found;
    await options.sleep(pollMilliseconds, options.signal);
  }
  throw new ClusterError('not-found', `${target.key.kind} is not served 30 s after its definition was applied`);
}
