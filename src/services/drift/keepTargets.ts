import type { ApiResource } from '../../ports/cluster.ts';
import type { PreparedApplication } from './prepareComparison.ts';
import type { DeclaredTarget } from './target.ts';
import { keyText } from '../../core/kube/objectKey.ts';

/**
 * Keeps of an earlier preparation the targets of documents that did not change, so that what was found out about them is still known
 * and a keystroke costs the document that it is in (design §6). Only where nothing else about the application changed.
 */
export function keepTargets(before: PreparedApplication | undefined, now: PreparedApplication): PreparedApplication {
  // With a render of what was applied, both sides of each object may have changed.
  if (before === undefined || before.applied !== undefined || now.applied !== undefined) return now;
  const known = new Map(before.targets.map((target) => [keyText(target.key), target]));
  const targets = now.targets.map((target): DeclaredTarget => {
    const earlier = known.get(keyText(target.key));
    const isSame =
      earlier?.rendered === target.rendered &&
      isSameResource(earlier.resource, target.resource) &&
      earlier.application.engine === target.application.engine;
    return isSame ? earlier : target;
  });
  return { ...now, targets };
}

function isSameResource(a: ApiResource | undefined, b: ApiResource | undefined): boolean {
  return a === b || (a?.resource === b?.resource && a?.version === b?.version && a?.namespaced === b?.namespaced);
}
