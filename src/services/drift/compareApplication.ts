import type { FileTree } from '../../ports/fileTree.ts';
import type { LiveObjects } from '../live/readLiveObjects.ts';
import type { ComparedApplication } from './assembleReport.ts';
import type { CommitTimes } from './commitTimes.ts';
import type { ComparedTarget, LineTimes, TargetComparer } from './compareTargets.ts';
import { isKept } from './keptSources.ts';
import { type FindingLocations, type FindingLocator, placesAt } from './locateFindings.ts';
import type { PreparedApplication, Renderers } from './prepareComparison.ts';

export interface CompareTools {
  comparer: TargetComparer;
  locator: FindingLocator;
  renderers: Renderers;
  tree: FileTree;
  commitTimes: CommitTimes;
  signal?: AbortSignal;
}

/**
 * Compares one application, finds the deciding lines of what differs, and settles by the age of those lines what nothing else can
 * decide (design §2.1).
 */
export async function compareApplication(
  prepared: PreparedApplication,
  live: LiveObjects,
  tools: CompareTools,
): Promise<ComparedApplication> {
  let results = await tools.comparer.compare(prepared, live, tools.signal);
  if (await tools.comparer.askRules(tools.signal)) results = await tools.comparer.compare(prepared, live, tools.signal);
  const findings = results.filter(isFinding);
  const { place } = prepared;
  const located =
    place === undefined
      ? await tools.locator.locate(
          findings,
          tools.renderers[prepared.application.source.kind],
          tools.tree,
          tools.signal === undefined ? {} : { signal: tools.signal },
        )
      : new Map(findings.map((item) => [item, placesAt(place, item)]));
  const times = await lineTimesOf(
    // Of a file that cannot be read no line has a time.
    findings.filter((item) => !tools.comparer.isSettled(item) && !isKept(prepared, item.target.key)),
    located,
    tools,
  );
  const locations = new Map<ComparedTarget, FindingLocations>();
  const settled: ComparedTarget[] = [];
  for (const item of results) {
    const places = located.get(item);
    const lineTimes = times.get(item);
    const final = lineTimes === undefined ? item : tools.comparer.settle(item, prepared, lineTimes);
    settled.push(final);
    if (places !== undefined) locations.set(final, reordered(item, final, places));
  }
  const problems = tools.comparer.ruleProblems(prepared);
  return { prepared, results: settled, locations, revision: tools.tree.revision, problems };
}

/** Whether an object has something to show on a line. */
export function isFinding(compared: ComparedTarget): boolean {
  const { status, changes } = compared.comparison;
  return status !== 'synced' || changes.length > 0 || compared.faults.length > 0;
}

/** The times of the lines of undetermined changes, asked for all at once; objects with nothing to settle are left out. */
async function lineTimesOf(
  items: readonly ComparedTarget[],
  located: ReadonlyMap<ComparedTarget, FindingLocations>,
  tools: CompareTools,
): Promise<Map<ComparedTarget, LineTimes>> {
  const questions = items.flatMap((item) =>
    item.comparison.changes.flatMap((change, index) => {
      const location = located.get(item)?.changes[index];
      return change.status !== 'undetermined' || location === undefined ? [] : [{ item, change, location }];
    }),
  );
  const answers = await tools.commitTimes.timesOf(
    questions.map(({ location }) => location),
    tools.tree,
    tools.signal,
  );
  const times = new Map<ComparedTarget, Map<string, string>>();
  for (const [index, { item, change }] of questions.entries()) {
    const time = answers[index];
    if (time === undefined) continue;
    const ofItem = times.get(item) ?? new Map<string, string>();
    times.set(item, ofItem.set(JSON.stringify(change.segments), time));
  }
  return times;
}

/** Settling sorts the changes anew; each keeps its place. */
function reordered(before: ComparedTarget, after: ComparedTarget, places: FindingLocations): FindingLocations {
  if (before === after) return places;
  const byField = new Map(
    before.comparison.changes.map((change, index) => [JSON.stringify(change.segments), places.changes[index]]),
  );
  return {
    ...places,
    changes: after.comparison.changes.map((change) => byField.get(JSON.stringify(change.segments))),
  };
}
