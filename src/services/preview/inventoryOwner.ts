import type { Application } from '../../core/delivery/application.ts';
import { remoteIdentity } from '../../core/delivery/remoteUrl.ts';
import { stringAt } from '../../core/json.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import type { ApplySetContents, ApplySetParent } from '../../core/reconcile/applySet.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';

/** Something stands where an inventory would be that is another's: what it owns is nobody's here to prune. */
export interface Stranger {
  reason: string;
  remedy: string;
}

const applicationAnnotation = 'plumbline.dev/application';
const repositoryAnnotation = 'plumbline.dev/repository';

/**
 * Annotations by which an inventory says whose it is. Folders of one name are common: without them two repositories that are applied to one
 * namespace would prune each other's objects.
 */
export async function ownerAnnotations(
  application: Application,
  repository: GitRepository | undefined,
  signal?: AbortSignal,
): Promise<Record<string, string>> {
  const [identity] = await identitiesOf(repository, signal);
  return {
    [applicationAnnotation]: pathOf(application),
    ...(identity === undefined ? {} : { [repositoryAnnotation]: identity }),
  };
}

/** Why a ConfigMap that stands where the inventory of an application would be is not that; undefined where it is. */
export async function strangerIn(
  object: KubeObject,
  contents: ApplySetContents | undefined,
  own: { parent: ApplySetParent; id: string; application: Application; repository: GitRepository | undefined },
  signal?: AbortSignal,
): Promise<Stranger | undefined> {
  const place = `${own.parent.namespace}/${own.parent.name}`;
  if (contents === undefined) {
    return {
      reason: `the ConfigMap ${place} is there, and it is no inventory`,
      remedy: 'Rename it, or choose another namespace with --namespace.',
    };
  }
  if (!contents.tooling.startsWith('plumbline/')) {
    return {
      reason: `the ApplySet ${place} belongs to ${contents.tooling === '' ? 'another tool' : contents.tooling}`,
      remedy: 'Sync with that tool, or delete the ConfigMap if nothing uses it any more.',
    };
  }
  if (contents.id !== own.id) {
    return {
      reason: `the inventory ${place} has the id of another one, as a copy has`,
      remedy: 'Delete the copied ConfigMap.',
    };
  }
  const application = stringAt(object, 'metadata', 'annotations', applicationAnnotation);
  const repository = stringAt(object, 'metadata', 'annotations', repositoryAnnotation);
  const isOwn =
    (application === undefined || application === pathOf(own.application)) &&
    (repository === undefined || (await identitiesOf(own.repository, signal)).includes(repository));
  if (isOwn) return undefined;
  return {
    reason: `the inventory ${place} is that of ${[repository, application].filter((part) => part !== undefined).join(' ')}`,
    remedy: `Choose another namespace with --namespace; where the repository has moved, take ${repositoryAnnotation} off the ConfigMap.`,
  };
}

/** A folder keeps its path whatever contexts are compared; an id names the context as well. */
function pathOf({ source }: Application): string {
  return source.path === '' ? '.' : source.path;
}

/** Hosts and paths of the remotes, `origin` first. A remote on this machine is no name that others know. */
async function identitiesOf(repository: GitRepository | undefined, signal?: AbortSignal): Promise<string[]> {
  const remotes = (await repository?.remotes(signal)) ?? [];
  return remotes
    .toSorted((a, b) => Number(b.name === 'origin') - Number(a.name === 'origin'))
    .map(({ url }) => remoteIdentity(url))
    .filter((identity) => !identity.startsWith('/'));
}
