import { valuePair, valueText } from '../../../core/explain/valueText.ts';
import type { Translate } from '../../../core/explain/wording.ts';
import { describeKey } from '../../../core/kube/objectKey.ts';
import type { FieldChange, PlanReport, PlanStep } from '../../../core/report.ts';
import { type Confirmation, type Subject, protectedLine } from './confirmation.ts';
import { planLines } from './planLines.ts';

/** A modal dialog does not scroll. */
const fieldsAtMost = 6;

/** What restoring an object does, as services foresee it. */
export interface RestoreForeseen {
  step: PlanStep;
  /** All that a reconcile does; of a direct apply the step alone. */
  plan: PlanReport;
  by:
    | { engine: 'direct'; manager: string; migration?: string }
    | { engine: 'flux'; kustomization: string; revision: string };
  /** Differences that stay. */
  keeps: readonly FieldChange[];
}

/** Before one object becomes what Git says. Flux cannot apply one object alone: its whole plan is shown. */
export function restoreConfirmation(
  subject: Subject,
  { step, plan, by, keeps }: RestoreForeseen,
  t: Translate,
): Confirmation {
  const { context, application } = subject;
  const how =
    by.engine === 'direct'
      ? [
          t('The whole object is applied as Git declares it, by the manager {0}.', by.manager),
          ...(by.migration === undefined ? [] : [t('Ownership: {0}.', by.migration)]),
        ]
      : [
          t(
            'Flux reconciles {0} at {1}: all of {2}, not this object alone.',
            by.kustomization,
            by.revision.slice(0, 7),
            application,
          ),
          ...planLines(plan, [], context, t),
        ];
  // What is applied by force is not left to anybody, whoever would have left it alone.
  const restored = new Set(step.changes.map((change) => change.path));
  const stays = keeps.map((change) => change.path).filter((path) => !restored.has(path));
  const lines = [
    ...stepLines(step, t),
    ...how,
    ...(stays.length === 0
      ? []
      : [t('Stays as it is, because others own it: {0}', stays.slice(0, fieldsAtMost).join(', '))]),
    ...protectedLine(subject, t),
  ];
  return {
    message: t('Restore {0} in {1} to what Git says?', describeKey(step), context),
    detail: lines.join('\n'),
    buttons: [t('Restore')],
  };
}

/** What happens to the object, field by field, from what is live to what Git says. */
function stepLines(step: PlanStep, t: Translate): string[] {
  switch (step.action) {
    case 'create':
      return [t('It is not in the cluster and is created.')];
    case 'recreate':
      return [
        step.destroysData === true
          ? t('⚠ DESTROYS DATA: it is deleted and created anew.')
          : t('It is deleted and created anew.'),
      ];
    case 'configure': {
      const lines = step.changes.slice(0, fieldsAtMost).map((change) => changeLine(change, t));
      const rest = step.changes.length - lines.length;
      return rest > 0 ? [...lines, t('{0} more fields', rest)] : lines;
    }
    default:
      return [t('It is what Git says already.')];
  }
}

function changeLine(change: FieldChange, t: Translate): string {
  const { path, live, desired, masked } = change;
  if (masked === true) return t('{0}: the values are secret', path);
  if (live !== undefined && desired !== undefined) return `${path}: ${valuePair(live, desired, 40).join(' → ')}`;
  if (desired !== undefined) return t('{0}: set to {1}', path, valueText(desired, 60));
  return live === undefined ? path : t('{0}: {1} is removed', path, valueText(live, 60));
}
