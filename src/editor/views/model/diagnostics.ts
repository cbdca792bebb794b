import type { Location } from '../../../core/location.ts';
import { describeKey } from '../../../core/kube/objectKey.ts';
import type { Problem } from '../../../core/problem.ts';
import type { ApplicationReport, FieldChange, ObjectReport } from '../../../core/report.ts';
import { type ObjectRef, keyOfReport } from '../../sessions/objectRef.ts';
import type { DriftView } from '../../sessions/viewState.ts';
import type { Wording } from '../../../core/explain/wording.ts';
import { engineName, shownChanges, whoInWords } from '../../../core/explain/findings.ts';
import { valueText } from '../../../core/explain/valueText.ts';

export type SeverityChoice = 'error' | 'warning' | 'information' | 'hint' | 'off';

/** What a finding is, as settings and codes name it. */
export type FindingKind = 'drifted' | 'conflict' | 'missing' | 'pending' | 'undetermined';

/** One finding on its deciding line. */
export interface LineFinding {
  root: string;
  location: Location;
  kind: FindingKind;
  view: DriftView;
  application: ApplicationReport;
  object: ObjectReport;
  /** Absent where the object as a whole is the finding. */
  change?: FieldChange;
  ref: ObjectRef;
}

/** One row of the Problems panel. */
export interface LineDiagnostic {
  root: string;
  location: Location;
  severity: Exclude<SeverityChoice, 'off'>;
  /** A finding's kind or a problem's code. */
  code: string;
  message: string;
  /** Applications and objects it concerns, when there are several findings on the line. */
  related: { location: Location; message: string }[];
}

/** All findings that have a place in a file, most urgent first. */
export function lineFindings(views: readonly DriftView[]): LineFinding[] {
  const found: LineFinding[] = [];
  for (const view of views) {
    for (const application of view.snapshot.report.applications) {
      for (const object of application.objects) {
        if (object.status === 'synced' || object.status === 'unknown' || object.status === 'extra') continue;
        found.push(...findingsOf(view, application, object));
      }
    }
  }
  return found.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
}

const kinds: readonly FindingKind[] = ['conflict', 'drifted', 'missing', 'undetermined', 'pending'];

function findingsOf(view: DriftView, application: ApplicationReport, object: ObjectReport): LineFinding[] {
  const ref: ObjectRef = {
    root: view.root,
    context: view.context,
    application: application.id,
    key: keyOfReport(object),
  };
  const base = { root: view.root, view, application, object };
  if (object.status === 'missing' || object.status === 'create') {
    const kind = object.status === 'missing' ? 'missing' : 'pending';
    return object.location === undefined ? [] : [{ ...base, kind, location: object.location, ref }];
  }
  return shownChanges(object).flatMap((change): LineFinding[] => {
    const location = change.location ?? object.location;
    if (location === undefined || change.status === 'ignored') return [];
    return [{ ...base, kind: change.status, location, change, ref: { ...ref, path: change.path } }];
  });
}

/**
 * Whether a finding was made of a file that cannot be read any more: its line may have moved, and only the editor, which moved it with the
 * text, knows where it is.
 */
export function isUnplaced({ view, application, location }: LineFinding): boolean {
  return view.snapshot.kept?.get(application.id)?.files.has(location.file) === true;
}

/**
 * One diagnostic per deciding line (design §4). Findings that share a line are told by the most urgent one, with all of them as
 * related information.
 */
export function findingDiagnostics(
  findings: readonly LineFinding[],
  severityOf: (kind: FindingKind) => SeverityChoice,
  wording: Wording,
): LineDiagnostic[] {
  const lines = new Map<string, LineFinding[]>();
  for (const finding of findings) {
    const { file, line } = finding.location;
    const id = `${finding.root}\n${file}\n${line ?? 0}`;
    const group = lines.get(id);
    if (group === undefined) lines.set(id, [finding]);
    else group.push(finding);
  }
  const diagnostics: LineDiagnostic[] = [];
  for (const group of lines.values()) {
    const shown = group.filter((finding) => severityOf(finding.kind) !== 'off');
    const first = shown[0];
    if (first === undefined) continue;
    diagnostics.push({
      root: first.root,
      location: first.location,
      severity: severityOf(first.kind) as LineDiagnostic['severity'],
      code: first.kind,
      message: [sentence(first, wording), more(shown.length - 1, wording)].filter((part) => part !== '').join(' '),
      related: shown.map((finding) => ({ location: finding.location, message: relatedText(finding, wording) })),
    });
  }
  return diagnostics;
}

/** Problems that have a place in a file. */
export function problemDiagnostics(views: readonly DriftView[], choice: SeverityChoice): LineDiagnostic[] {
  if (choice === 'off') return [];
  const seen = new Set<string>();
  return views.flatMap((view) =>
    view.snapshot.report.problems.flatMap((problem): LineDiagnostic[] => {
      const { location } = problem;
      // A kubeconfig's place is an absolute path, which is no file of the repository.
      if (location === undefined || /^([a-z]:)?[\\/]/i.test(location.file)) return [];
      const id = JSON.stringify([view.root, location, problem.code, problem.message]);
      if (seen.has(id)) return [];
      seen.add(id);
      const severity = problem.severity === 'error' ? choice : problem.severity;
      return [{ root: view.root, location, severity, code: problem.code, message: problemText(problem), related: [] }];
    }),
  );
}

/** What a finding says on its line (ui.md, In the file). */
export function sentence(finding: LineFinding, wording: Wording): string {
  const { t } = wording;
  const { change, object, application, view } = finding;
  if (change === undefined) {
    return finding.kind === 'missing'
      ? t('{0} is missing in {1}: Git declares it, the cluster lost it.', describeKey(object), view.context)
      : t('{0} is not in {1} yet.', describeKey(object), view.context);
  }
  if (change.status === 'pending') {
    return `${values(finding, wording)} ${t('Not applied yet.')}`;
  }
  const who = whoInWords(change, wording);
  const first = values(finding, wording);
  const parts = [who === undefined ? first : `${first.replace(/\.$/, '')}: ${who}.`];
  if (change.cause === 'controller') parts.push(t('A controller sets it; the next apply resets it.'));
  if (application.engine !== 'direct') {
    const engine = engineName(application.engine, t);
    if (change.next === 'reverted') parts.push(t('{0} will revert it at its next reconcile.', engine));
    if (change.next === 'kept') parts.push(t('{0} will leave it.', engine));
  }
  return parts.join(' ');
}

function values({ change, view }: LineFinding, { t }: Wording): string {
  if (change === undefined) return '';
  const { context } = view;
  if (change.masked === true) return t('{0} differs in {1}; the values are secret.', change.path, context);
  const live = change.live === undefined ? undefined : valueText(change.live, 60);
  const git = change.desired === undefined ? undefined : valueText(change.desired, 60);
  if (live === undefined) return t('{0} is not live in {1} (Git says {2}).', change.path, context, git ?? '');
  if (git === undefined) return t('{0} is {1} in {2} and not in Git.', change.path, live, context);
  return t('live is {0} in {1} (Git says {2}).', live, context, git);
}

function relatedText(finding: LineFinding, { t }: Wording): string {
  const { application, object, change, view } = finding;
  const what = describeKey(object);
  return change === undefined
    ? t('{0} of {1} in {2}', what, application.name, view.context)
    : t('{0}: {1} of {2} in {3}', change.path, what, application.name, view.context);
}

function more(count: number, { t }: Wording): string {
  if (count <= 0) return '';
  return count === 1 ? t('1 more finding on this line.') : t('{0} more findings on this line.', count);
}

function problemText(problem: Problem): string {
  return problem.remedy === undefined ? problem.message : `${problem.message} ${problem.remedy}`;
}
