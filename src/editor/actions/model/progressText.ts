import type { SyncStep } from '../../../services/sync/syncOutcome.ts';
import type { Translate } from '../../../core/explain/wording.ts';

/**
 * What was done, ticked, and what is going on: `✓ committed 6a1b3c7  ✓ pushed  ✓ fetched  … applying 3/5` (ui.md, Progress). Steps that
 * come in numbers are counted.
 */
export function progressText(steps: readonly SyncStep[], t: Translate): string {
  const ticks: string[] = [];
  let current = '';
  let pruned = 0;
  for (const step of steps) {
    current = '';
    switch (step.step) {
      case 'committed':
        ticks.push(t('✓ committed {0}', step.commit.slice(0, 7)));
        break;
      case 'pushed':
        ticks.push(t('✓ pushed'));
        break;
      case 'requested':
        current = t('… asked {0}', step.what);
        break;
      case 'fetched':
        ticks.push(t('✓ fetched'));
        break;
      case 'applying':
        current = t('… applying {0}/{1}', step.done, step.total);
        break;
      case 'applied':
        ticks.push(t('✓ applied'));
        break;
      case 'pruned':
        pruned++;
        current = t('… pruned {0}', pruned);
        break;
      case 'waiting':
        current = t('… waiting for {0}', step.for);
        break;
      case 'healthy':
        ticks.push(t('✓ healthy'));
        break;
    }
  }
  return [...ticks, current].filter((part) => part !== '').join('  ');
}
