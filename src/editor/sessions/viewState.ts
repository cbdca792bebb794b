import type { DriftReport } from '../../core/report.ts';
import type { DriftSnapshot } from '../../services/drift/driftSession.ts';

/** What the Drift view is in; each but the last two has a welcome text of its own. */
export type ViewState =
  'idle' | 'noFolder' | 'untrusted' | 'noManifests' | 'noKubeconfig' | 'noCluster' | 'noRenderer' | 'loading' | 'ready';

/** The last known findings of one repository against one context. */
export interface DriftView {
  /** Absolute path that the report's files start from. */
  root: string;
  context: string;
  snapshot: DriftSnapshot;
  /** Nothing watches while no view shows it: the findings are those of the report's time. */
  paused: boolean;
}

/** The state that findings, or their absence, stand for. */
export function stateOf(views: readonly DriftView[]): ViewState {
  if (views.length === 0 || views.every((view) => view.snapshot.state === 'loading')) return 'loading';
  const reports = views.map((view) => view.snapshot.report);
  const failed = views.some((view) => view.snapshot.error !== undefined);
  if (reports.every((report) => report.applications.length === 0 && !hasErrors(report)) && !failed)
    return 'noManifests';
  if (!failed && reports.every(lacksRenderer)) return 'noRenderer';
  return 'ready';
}

function hasErrors(report: DriftReport): boolean {
  return report.problems.some((problem) => problem.severity === 'error');
}

/** Not one application could be rendered, and each for want of a program. */
function lacksRenderer(report: DriftReport): boolean {
  const without = new Set(
    report.problems.filter((problem) => problem.code === 'missing-binary').map((problem) => problem.application),
  );
  return (
    report.applications.length > 0 &&
    report.applications.every((application) => application.objects.length === 0 && without.has(application.id))
  );
}
