import type { Gate } from '../../core/report.ts';
import type { Style } from './style.ts';

/** What stands between a commit and the cluster, one line each, below the application that it holds up. */
export function gateLines(gates: readonly Gate[], style: Style): string[] {
  return gates.map((gate) => `  ${style.warn('⏸')} ${gate.message} ${gate.remedy ?? ''}`.trimEnd());
}
