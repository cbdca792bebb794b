import { describeKey } from '../../../core/kube/objectKey.ts';
import type { PathSegment } from '../../../core/location.ts';
import type { EngineName, FieldChange, ObjectReport } from '../../../core/report.ts';
import type { Translate } from '../../../core/explain/wording.ts';
import { shownChanges, sides } from '../../../core/explain/findings.ts';
import { type ObjectRef, keyOfReport } from '../../sessions/objectRef.ts';
import type { DriftView } from '../../sessions/viewState.ts';
import { statusWord } from '../../views/model/statusLooks.ts';
import type { PickItem } from '../prompts.ts';

/** Whether Git's value can be brought back into the cluster: the cluster moved, and somebody applies it from here. */
export function isRestorable(engine: EngineName, object: ObjectReport): boolean {
  if (engine === 'argocd') return false;
  return object.status === 'drifted' || object.status === 'conflict' || object.status === 'missing';
}

/** Whether the live value can be written into the file that decides it. A Secret's never is. */
export function isWritable(change: FieldChange): boolean {
  if (change.masked === true || change.location?.line === undefined || change.live === undefined) return false;
  return change.status === 'drifted' || change.status === 'conflict' || change.status === 'undetermined';
}

/** Whether a rule can keep the difference from being a finding; what Git brings by itself needs none. */
export function isIgnorable(change: FieldChange): boolean {
  return change.status === 'drifted' || change.status === 'conflict' || change.status === 'undetermined';
}

export type RestorableItem = PickItem<ObjectRef>;

/** The objects of a view that can be restored. */
export function restorableItems(view: DriftView, t: Translate): RestorableItem[] {
  return view.snapshot.report.applications.flatMap((application) =>
    application.objects
      .filter((object) => isRestorable(application.engine, object))
      .map((object) => ({
        value: { root: view.root, context: view.context, application: application.id, key: keyOfReport(object) },
        label: describeKey(object),
        description: `${application.name} · ${statusWord(object.status, t)}`,
        detail: shownChanges(object)
          .map((change) => change.path)
          .join(', '),
      })),
  );
}

export interface FoundField extends ObjectRef {
  path: string;
  segments: readonly PathSegment[];
}

/** The fields of a view that something can be done about. */
export function fieldItems(
  view: DriftView,
  isMeant: (change: FieldChange) => boolean,
  t: Translate,
): PickItem<FoundField>[] {
  const { root, context } = view;
  return view.snapshot.report.applications.flatMap((application) =>
    application.objects.flatMap((object) =>
      shownChanges(object)
        .filter(isMeant)
        .map((change) => ({
          value: {
            ...{ root, context, application: application.id, key: keyOfReport(object) },
            ...{ path: change.path, segments: change.segments },
          },
          label: change.path,
          description: sides(change, t),
          detail: `${describeKey(object)} · ${application.name}`,
        })),
    ),
  );
}
