import type { Health } from '../report.ts';

/** Best first (semantics H-1). */
const order: readonly Health[] = ['healthy', 'suspended', 'progressing', 'missing', 'degraded', 'unknown'];

/**
 * The health of an application: its worst object, those that are missing apart; where none is live it is missing itself (semantics H-6).
 * What nobody has reported on (`unknown`) says nothing about the rest, so it counts only where there is nothing else.
 */
export function worstHealth(objects: readonly Health[]): Health {
  const live = objects.filter((health) => health !== 'missing');
  if (live.length === 0) return 'missing';
  const known = live.filter((health) => health !== 'unknown');
  if (known.length === 0) return 'unknown';
  return known.reduce((worst, health) => (order.indexOf(health) > order.indexOf(worst) ? health : worst));
}
