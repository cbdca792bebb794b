import { describeKey, keyText } from '../../core/kube/objectKey.ts';
import type { Problem } from '../../core/problem.ts';
import type { PreparedApplication } from './prepareComparison.ts';
import type { DeclaredTarget } from './target.ts';

/**
 * Leaves out what nobody declared where an engine delivers the same objects from another folder: the engine's is what the cluster should
 * hold, and the other overlay is another cluster's. One that was chosen by name stays.
 */
export function withoutRivals(
  prepared: readonly PreparedApplication[],
  chosen: ReadonlySet<string>,
): PreparedApplication[] {
  const delivered = new Set(
    prepared
      .filter(({ application }) => application.foundIn === 'flux' || application.foundIn === 'argocd')
      .flatMap((item) => item.targets.filter(isTelling).map((target) => keyText(target.key))),
  );
  return prepared.filter(
    ({ application, targets }) =>
      application.foundIn !== 'derived' ||
      chosen.has(application.name) ||
      !targets.some((target) => isTelling(target) && delivered.has(keyText(target.key))),
  );
}

/** Namespaces are shared between overlays as a habit, and say nothing of which one is meant. */
function isTelling({ key }: DeclaredTarget): boolean {
  return key.kind !== 'Namespace';
}

/**
 * Applications that nobody declared and that declare the same objects cannot all be what the cluster should hold: which one it is,
 * only the user knows, so none of them is compared until one is chosen. A guess would be a false alarm.
 */
export function withoutAmbiguous(
  prepared: readonly PreparedApplication[],
  chosen: ReadonlySet<string>,
): { clear: PreparedApplication[]; problems: Problem[] } {
  const derived = prepared.filter(
    (item) => item.application.foundIn === 'derived' && !chosen.has(item.application.name),
  );
  const rivals = new Map<PreparedApplication, PreparedApplication>();
  const declaredBy = new Map<string, PreparedApplication>();
  for (const item of derived) {
    for (const target of item.targets) {
      const first = declaredBy.get(keyText(target.key));
      // Namespaces are shared between overlays as a habit, and say nothing of which one is meant.
      if (first !== undefined && first !== item && target.key.kind !== 'Namespace') {
        rivals.set(item, first);
        if (!rivals.has(first)) rivals.set(first, item);
      }
      declaredBy.set(keyText(target.key), first ?? item);
    }
  }
  const problems = [...rivals].map(([item, rival]): Problem => {
    const shared = item.targets.find((target) =>
      rival.targets.some((other) => keyText(other.key) === keyText(target.key) && other.key.kind !== 'Namespace'),
    );
    const example = shared === undefined ? 'the same objects' : describeKey(shared.key);
    return {
      code: 'not-checked',
      severity: 'error',
      message: `${item.application.name} was not checked: ${rival.application.name} declares ${example} as well.`,
      remedy: 'Choose the one that belongs to this cluster (--app, or the setting plumbline.applications).',
      application: item.application.id,
      ...(item.application.destination.context === undefined ? {} : { context: item.application.destination.context }),
    };
  });
  return { clear: prepared.filter((item) => !rivals.has(item)), problems };
}
