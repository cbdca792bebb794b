import { stringAt } from '../../core/json.ts';
import { type KubeObject, keyOf, keyText } from '../../core/kube/objectKey.ts';
import type { Cluster } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';

/** An object of an engine that says of live objects that they are its own. */
interface Owner {
  engine: 'Flux' | 'Argo CD';
  group: string;
  kind: string;
  /** Undefined where the mark does not say it. */
  namespace: string | undefined;
  name: string;
  /** What to take off when the engine is gone. */
  mark: string;
}

/** Marks by which engines know their objects (semantics F-3). */
const fluxKinds = [
  { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization' },
  { group: 'helm.toolkit.fluxcd.io', kind: 'HelmRelease' },
] as const;
const argoTracking = 'argocd.argoproj.io/tracking-id';

/**
 * The live objects that another engine applies, each with a sentence: applied from here as well, two would pull at them in turn. A mark that an
 * engine left behind does not count once its object is gone; where that cannot be asked (the engine runs in another cluster) it does.
 */
export async function foreignOwners(
  cluster: Cluster,
  live: Iterable<KubeObject>,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const asked = new Map<string, Promise<boolean>>();
  const found = new Map<string, string>();
  for (const object of live) {
    const owner = ownerOf(object);
    if (owner === undefined) continue;
    const id = `${owner.group}/${owner.kind}/${owner.namespace ?? ''}/${owner.name}`;
    const isThere = asked.get(id) ?? mayExist(cluster, owner, signal);
    asked.set(id, isThere);
    if (!(await isThere)) continue;
    const name = owner.namespace === undefined ? owner.name : `${owner.namespace}/${owner.name}`;
    found.set(
      keyText(keyOf(object)),
      `${owner.engine} applies it (${owner.kind} ${name}) and would set it back; if that is over, remove ${owner.mark} from it`,
    );
  }
  return found;
}

function ownerOf(object: KubeObject): Owner | undefined {
  for (const { group, kind } of fluxKinds) {
    const name = stringAt(object, 'metadata', 'labels', `${group}/name`);
    if (name === undefined) continue;
    const namespace = stringAt(object, 'metadata', 'labels', `${group}/namespace`);
    return { engine: 'Flux', group, kind, namespace, name, mark: `the label ${group}/name` };
  }
  const tracked = stringAt(object, 'metadata', 'annotations', argoTracking);
  const own = keyOf(object);
  const [application = '', rest] = tracked?.split(/:(.*)/s) ?? [];
  // A copy of an object has the mark of the one that it was copied from.
  if (rest !== `${own.group}/${own.kind}:${own.namespace}/${own.name}`) return undefined;
  // An Application outside of Argo CD's own namespace is tracked as `namespace_name`.
  const [, namespace, name = ''] = /^(?:([^_]*)_)?(.*)$/s.exec(application) ?? [];
  const mark = `the annotation ${argoTracking}`;
  return { engine: 'Argo CD', group: 'argoproj.io', kind: 'Application', namespace, name, mark };
}

async function mayExist(cluster: Cluster, owner: Owner, signal: AbortSignal | undefined): Promise<boolean> {
  const withSignal = signal === undefined ? {} : { signal };
  const { resources } = await cluster.discover(withSignal);
  const resource = resources.find(({ group, kind }) => group === owner.group && kind === owner.kind);
  if (resource === undefined) return true;
  try {
    if (owner.namespace !== undefined) {
      return (await cluster.get(resource, owner.namespace, owner.name, signal)) !== undefined;
    }
    const { objects } = await cluster.list(resource, withSignal);
    return objects.some((object) => keyOf(object).name === owner.name);
  } catch (error) {
    if (!ClusterError.is(error, 'forbidden')) throw error;
    return true;
  }
}
