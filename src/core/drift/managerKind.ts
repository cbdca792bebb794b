import type { FieldManager } from '../report.ts';

/**
 * Names that stand for a person at a keyboard: kubectl's own, terminal and desktop clients, web consoles (which send their browser's
 * name). A controller that calls itself like one of these is not known.
 */
const personNames: ReadonlySet<string> = new Set([
  'k9s',
  'lens',
  'openlens',
  'freelens',
  'node-fetch',
  'headlamp',
  'headlamp-server',
  'dashboard',
  'kubernetes-dashboard',
  'dashboard-api',
  'mozilla',
  'chrome',
  'curl',
  'oc',
  'octant',
  'kubenav',
  'aptakube',
  'seabird',
  'kui',
  'komodor',
  'plumbline',
  'before-first-apply',
]);

/** Managers that write whole objects, so that the server's defaults at creation count as theirs. */
const wholeObjectWriters: ReadonlySet<string> = new Set([
  'kubectl-create',
  'kubectl-client-side-apply',
  'kubectl-replace',
  'kubectl-run',
  'kubectl-expose',
  'kubectl-autoscale',
  'before-first-apply',
]);

/** A person's manager, as far as its name tells (design §2.1). */
export function isPerson(manager: Pick<FieldManager, 'name'>): boolean {
  const name = manager.name.toLowerCase();
  return name.startsWith('kubectl') || name.startsWith('oc-') || personNames.has(name);
}

export function writesWholeObjects(manager: Pick<FieldManager, 'name'>): boolean {
  return wholeObjectWriters.has(manager.name);
}

/**
 * Managers whose fields Flux makes its own before each apply, so that what Git does not declare is removed (semantics F-9, verified
 * for Update managers whose name begins with kubectl).
 */
export function isTakenOverByFlux(manager: FieldManager): boolean {
  if (manager.operation === 'Apply') return manager.name === 'kubectl';
  if (manager.subresource !== undefined) return false;
  return manager.name.startsWith('kubectl') || manager.name === 'before-first-apply';
}
