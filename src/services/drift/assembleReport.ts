import type { Problem } from '../../core/problem.ts';
import type { DriftReport } from '../../core/report.ts';
import type { ComparedTarget } from './compareTargets.ts';
import type { FindingLocations } from './locateFindings.ts';
import type { PreparedApplication } from './prepareComparison.ts';

/** One application with its results, and where their findings stand in files. */
export interface ComparedApplication {
  prepared: PreparedApplication;
  results: readonly ComparedTarget[];
  locations: ReadonlyMap<ComparedTarget, FindingLocations>;
  revision: string;
}

/** Whether an object has something to show on a line. */
export function isFinding(compared: ComparedTarget): boolean {
  return compared.comparison.status !== 'synced' || compared.comparison.changes.length > 0;
}

export declare function assembleReport(
  compared: readonly ComparedApplication[],
  problems: readonly Problem[],
  now: Date,
): DriftReport;
