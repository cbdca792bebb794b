import { type KubeObject, keyText } from '../../core/kube/objectKey.ts';
import type { TargetComparer } from './compareTargets.ts';
import type { PreparedApplication } from './prepareComparison.ts';
import type { DeclaredTarget } from './target.ts';

/** So few that an answer of the cluster waits for some milliseconds only. */
const atOnce = 20;

/**
 * Looks at what is declared while the cluster's objects are on their way, and compares them as they come: over a distance most of the time
 * is spent waiting. The comparer remembers what it finds, so the comparison itself has only the rest to do. Returns what is to be told
 * of each arrival.
 */
export function compareAhead(
  comparer: TargetComparer,
  applications: readonly PreparedApplication[],
): (arrived: ReadonlyMap<string, KubeObject>) => void {
  const targets = applications.flatMap((prepared) => prepared.targets.map((target) => ({ target, prepared })));
  const byKey = Map.groupBy(targets, ({ target }) => keyText(target.key));
  const arrivals: { target: DeclaredTarget; prepared: PreparedApplication; live: KubeObject }[] = [];
  let isRunning = false;
  const run = (): void => {
    if (isRunning || arrivals.length + targets.length === 0) return;
    isRunning = true;
    setImmediate(() => {
      isRunning = false;
      try {
        const compared = arrivals.splice(0, atOnce);
        for (const { target, prepared, live } of compared) comparer.compareLive(target, live, prepared);
        if (compared.length === 0) for (const { target } of targets.splice(0, atOnce)) comparer.validate(target);
      } catch {
        // A fault of our own: the comparison meets it again, and tells it where it can be told.
        return;
      }
      run();
    });
  };
  run();
  return (arrived) => {
    for (const [key, live] of arrived) for (const item of byKey.get(key) ?? []) arrivals.push({ ...item, live });
    run();
  };
}
