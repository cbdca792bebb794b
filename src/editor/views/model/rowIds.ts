import type { DriftView } from '../../sessions/viewState.ts';

/** Application ids hold paths; the separator cannot stand in one. */
export const sep = '\n';

export function applicationId(view: DriftView, application: string): string {
  return [view.root, view.context, application].join(sep);
}

export function syncedId(view: DriftView, application: string): string {
  return `${applicationId(view, application)}${sep}#in-sync`;
}
