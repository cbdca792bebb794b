import type { Application } from '../../core/delivery/application.ts';
import type { InventoryEntry } from '../../core/delivery/flux/inventory.ts';
import type { ApiResource, Discovery } from '../../ports/cluster.ts';
import type { Target } from './target.ts';

/** Targets of what an engine's inventory holds and Git does not declare any more, but for kinds (in lower case) that are left out. */
export function extraTargets(
  application: Application,
  entries: readonly InventoryEntry[],
  discovery: Discovery,
  skipKinds: ReadonlySet<string>,
): Target[] {
  const resources = new Map<string, ApiResource>();
  for (const resource of discovery.resources) {
    const id = `${resource.group}/${resource.kind}`;
    // The first one listed is the preferred version, unless the inventory names another that is served.
    if (!resources.has(id)) resources.set(id, resource);
    resources.set(`${id}/${resource.version}`, resource);
  }
  const wanted = entries.filter(({ kind }) => !skipKinds.has(kind.toLowerCase()));
  return wanted.map(({ version, group, kind, namespace, name }) => {
    const id = `${group}/${kind}`;
    const resource = resources.get(`${id}/${version}`) ?? resources.get(id);
    const key = { group, kind, namespace, name };
    return { application, rendered: undefined, key, version: resource?.version ?? version, resource };
  });
}
