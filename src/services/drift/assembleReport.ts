import type { KubeObject } from '../../core/kube/objectKey.ts';
import { objectStatusOrder } from '../../core/drift/order.ts';
import { healthOf } from '../../core/health/healthOf.ts';
import { worstHealth } from '../../core/health/worstHealth.ts';
import type { Problem } from '../../core/problem.ts';
import type { ApplicationReport, DriftReport, DriftSummary, ObjectReport } from '../../core/report.ts';
import { describeApplication } from '../applications/applicationReport.ts';
import type { ComparedTarget } from './compareTargets.ts';
import { isKept } from './keptSources.ts';
import type { FindingLocations } from './locateFindings.ts';
import type { PreparedApplication } from './prepareComparison.ts';
import { faultProblem } from './schemaFaults.ts';

/** One application with its results, and where their findings stand in files. */
export interface ComparedApplication {
  prepared: PreparedApplication;
  /** By kind, namespace and name, as TargetComparer gives them. */
  results: readonly ComparedTarget[];
  locations: ReadonlyMap<ComparedTarget, FindingLocations>;
  revision: string;
  /** What came up in the comparison itself. */
  problems?: readonly Problem[];
}

/** Puts results into the one plain value that every surface shows (design §5). */
export function assembleReport(
  compared: readonly ComparedApplication[],
  problems: readonly Problem[],
  now: Date,
): DriftReport {
  const applications = compared.map(applicationReport);
  return {
    kind: 'DriftReport',
    version: 1,
    at: now.toISOString(),
    applications,
    problems: distinct([...compared.flatMap(problemsOf), ...problems]),
    summary: summarise(compared),
  };
}

function applicationReport(compared: ComparedApplication): ApplicationReport {
  const objects = compared.results.map((result) => reportOf(result, compared.locations.get(result)));
  const described = describeApplication(compared.prepared.application, compared.revision);
  const known = objects.flatMap(({ health, status }) => health ?? (status === 'missing' ? ('missing' as const) : []));
  return {
    // An engine's own word comes first.
    ...(known.length === 0 ? {} : { health: worstHealth(known) }),
    ...described,
    objects: objectStatusOrder.flatMap((status) => objects.filter((object) => object.status === status)),
  };
}

/** What was reported of a result, so that one event costs one object (design §6): results and places are never changed. */
const reported = new WeakMap<ComparedTarget, { locations: FindingLocations | undefined; report: ObjectReport }>();

function reportOf(compared: ComparedTarget, locations: FindingLocations | undefined): ObjectReport {
  const known = reported.get(compared);
  if (known !== undefined && known.locations === locations) return known.report;
  const report = objectReport(compared, locations);
  reported.set(compared, { locations, report });
  return report;
}

function objectReport(compared: ComparedTarget, locations: FindingLocations | undefined): ObjectReport {
  const { target, live, comparison, statusless } = compared;
  const changes = comparison.changes.map((change, index) => {
    const location = locations?.changes[index];
    return location === undefined ? change : { ...change, location };
  });
  const object = locations?.object ?? ownLocation(compared);
  return {
    group: target.key.group,
    version: target.version,
    kind: target.key.kind,
    namespace: target.key.namespace,
    name: target.key.name,
    status: comparison.status,
    ...(comparison.note === undefined ? {} : { note: comparison.note }),
    ...healthReport(live, statusless),
    ...(object === undefined ? {} : { location: object }),
    changes,
  };
}

function healthReport(
  live: KubeObject | undefined,
  statusless: true | undefined,
): Pick<ObjectReport, 'health' | 'healthMessage'> {
  if (live === undefined) return {};
  const { health, message } = healthOf(live, statusless === undefined ? {} : { statusless });
  return message === '' ? { health } : { health, healthMessage: message };
}

/** A plain manifest is its own location, without asking the renderer. */
function ownLocation(compared: ComparedTarget): ObjectReport['location'] {
  const file = compared.target.rendered?.file;
  return file === undefined ? undefined : { file, via: 'manifest' };
}

function problemsOf(compared: ComparedApplication): Problem[] {
  return [
    ...compared.prepared.problems,
    ...(compared.problems ?? []),
    ...compared.results.flatMap((result) => faultProblems(compared, result)),
  ];
}

function faultProblems(compared: ComparedApplication, result: ComparedTarget): Problem[] {
  const places = compared.locations.get(result)?.faults;
  return result.faults.map((fault, index) => faultProblem(result.target, fault, places?.[index]));
}

function summarise(compared: readonly ComparedApplication[]): DriftSummary {
  const summary: DriftSummary = {
    synced: 0,
    drifted: 0,
    pending: 0,
    conflict: 0,
    missing: 0,
    create: 0,
    extra: 0,
    unknown: 0,
    objects: 0,
    ignored: 0,
  };
  for (const { prepared, results } of compared) {
    for (const { target, comparison } of results) {
      // What Git says of it at the moment is not known, so nobody can say that it is in sync.
      const isOpen = comparison.status === 'synced' && isKept(prepared, target.key);
      summary[isOpen ? 'unknown' : comparison.status]++;
      summary.objects++;
      summary.ignored += comparison.ignored;
    }
  }
  return summary;
}

function distinct(problems: readonly Problem[]): Problem[] {
  const seen = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...seen.values()];
}
