import { printDrift } from '../../../../src/cli/output/driftText.ts';
import { printJson } from '../../../../src/cli/output/printJson.ts';
import { printPlans } from '../../../../src/cli/output/planText.ts';
import { terminalStyle } from '../../../../src/cli/output/style.ts';
import { withoutManagedFields } from '../../../../src/core/apply/managedFields.ts';
import { maskObject } from '../../../../src/core/drift/mask.ts';
import { english } from '../../../../src/core/explain/wording.ts';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';
import { printYaml } from '../../../../src/core/manifest/printYaml.ts';
import type { DriftReport, PlanList } from '../../../../src/core/report.ts';
import type { DriftView } from '../../../../src/editor/sessions/viewState.ts';
import { plannedSides } from '../../../../src/editor/documents/plannedSides.ts';
import {
  findingDiagnostics,
  lineFindings,
  problemDiagnostics,
} from '../../../../src/editor/views/model/diagnostics.ts';
import { DriftTree } from '../../../../src/editor/views/model/driftTree.ts';
import { hoverText } from '../../../../src/editor/views/model/hoverText.ts';
import { redactedLog } from '../../../../src/editor/log/redactedLog.ts';
import { now } from './world.ts';

const wording = { t: english, now };
const style = terminalStyle(false, 160);

/** Everything that a person, a pipeline or a log gets to see of a report. */
export function shownOf(report: DriftReport): string {
  const snapshot = { report, state: 'ready' } as DriftView['snapshot'];
  const views: DriftView[] = [{ root: '/r', context: 'simulated', snapshot, paused: false }];
  const findings = lineFindings(views);
  const tree = new DriftTree({ views, problems: [], options: { findingsOnly: false }, wording });
  const rows = (id?: string): unknown[] => tree.children(id).flatMap((node) => [node, ...rows(node.id)]);
  return [
    printJson(report),
    printDrift(report, style, 1),
    JSON.stringify(findingDiagnostics(findings, () => 'warning', wording)),
    JSON.stringify(problemDiagnostics(views, 'error')),
    ...findings.map((finding) => hoverText(finding, wording)),
    JSON.stringify(rows(), (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item)),
  ].join('\n');
}

export function shownOfPlans(list: PlanList): string {
  return `${printJson(list)}\n${printPlans(list, style)}`;
}

/** An object in an editor, alone and beside another version of it. */
export function shownOfObject(live: KubeObject | undefined, desired: KubeObject | undefined): string {
  const sides = plannedSides({
    ...(live === undefined ? {} : { before: live }),
    ...(desired === undefined ? {} : { after: desired }),
  });
  const objects = [sides.before, sides.after, live && maskObject(withoutManagedFields(live))];
  return objects.map((object) => (object === undefined ? '' : printYaml(object))).join('\n');
}

/** What a log keeps of an error that nobody expected. */
export function loggedOf(error: unknown): string {
  const lines: string[] = [];
  const keep = (message: string): void => void lines.push(message);
  redactedLog({ debug: keep, info: keep, warn: keep, error: keep }).error('failed', error);
  return lines.join('\n');
}
