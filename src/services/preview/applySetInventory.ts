import type { Application } from '../../core/delivery/application.ts';
import {
  applySetMemberLabel,
  readApplySet,
  type ApplySetParent,
  applySetIdSource,
  type ApplySetContents,
} from '../../core/reconcile/applySet.ts';
import { type KubeObject, groupVersionKindOf, keyOf } from '../../core/kube/objectKey.ts';
import { isPrunable } from '../../core/reconcile/planStep.ts';
import type { ApiResource, Cluster } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import { type Stranger, strangerIn } from './inventoryOwner.ts';
import type { OwnedObject } from './owned.ts';

/** Where Plumbline keeps the inventory of an application that it applies itself, in the namespace of its objects that name none. */
export function inventoryParentOf({ id, destination }: Application, cluster: Cluster): ApplySetParent {
  const slug = id
    .replace(/@.*$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const name = `plumbline-${slug === '' ? 'root' : slug}`.slice(0, 63).replace(/-+$/, '');
  return { name, namespace: destination.namespace ?? cluster.namespace ?? 'default' };
}

/** `applyset-<base64url of SHA-256>-v1` (KEP-3659). */
export async function applySetId(parent: ApplySetParent): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(applySetIdSource(parent)));
  const base64 = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return `applyset-${base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')}-v1`;
}

export interface Inventory {
  contents: ApplySetContents;
  members: OwnedObject[];
  /** Kinds that may not be listed: what it owns of them is not known. */
  hidden: readonly string[];
}

/** What an ApplySet owns: members by label, in the kinds and namespaces that its parent names. Undefined where there is no set. */
export async function readInventory(
  cluster: Cluster,
  application: Application,
  repository: GitRepository | undefined,
  signal?: AbortSignal,
): Promise<Inventory | { stranger: Stranger } | undefined> {
  const options = signal === undefined ? {} : { signal };
  const { resources } = await cluster.discover(options);
  const find = (group: string, kind: string): ApiResource | undefined =>
    resources.find((resource) => resource.group === group && resource.kind === kind);
  const configMap = find('', 'ConfigMap');
  if (configMap === undefined) return undefined;
  const parent = inventoryParentOf(application, cluster);
  const object = await cluster.get(configMap, parent.namespace, parent.name, signal);
  if (object === undefined) return undefined;
  const contents = readApplySet(object);
  const id = await applySetId(parent);
  const stranger = await strangerIn(object, contents, { parent, id, application, repository }, signal);
  if (contents === undefined || stranger !== undefined) return stranger && { stranger };
  const labelSelector = `${applySetMemberLabel}=${id}`;
  const members: OwnedObject[] = [];
  const hidden = new Set<string>();
  for (const kind of contents.kinds) {
    const resource = find(kind.group, kind.kind);
    if (resource === undefined) continue;
    const namespaces = resource.namespaced ? [...new Set([parent.namespace, ...contents.namespaces])] : [''];
    for (const namespace of namespaces) {
      // Of a Secret no value is fetched that nobody asks for.
      const request = { ...options, namespace, labelSelector, metadataOnly: true };
      const list = await cluster.list(resource, request).catch((error: unknown) => {
        // A namespace that is gone holds no members; a right that is missing costs that kind only.
        if (ClusterError.is(error, 'forbidden')) hidden.add(kind.kind);
        else if (!ClusterError.is(error, 'not-found')) throw error;
        return { objects: [] };
      });
      members.push(...list.objects.filter(isPrunable).map(ownedObject));
    }
  }
  return { contents, members, hidden: [...hidden] };
}

/** What an inventory owns; nothing where it is another's. */
export function membersOf(inventory: Inventory | { stranger: Stranger } | undefined): OwnedObject[] {
  return inventory === undefined || 'stranger' in inventory ? [] : inventory.members;
}

function ownedObject(live: KubeObject): OwnedObject {
  return { key: keyOf(live), version: groupVersionKindOf(live).version, live };
}
