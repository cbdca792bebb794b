import { type Json, listAt, stringAt } from '../../json.ts';
import type { KubeObject } from '../../kube/objectKey.ts';
import type { Gate } from '../../report.ts';
import type { ArgoApplication, ArgoSource } from './argoApplication.ts';
import { matchesGlob } from './glob.ts';

export interface ArgoGateInput {
  application: ArgoApplication;
  source: ArgoSource;
  /** The branch that is checked out, where one is. */
  branch?: string;
  /** The AppProject, where it could be read. */
  project?: KubeObject;
}

/** What stands between a pushed commit and the cluster for an Argo CD Application (design §2, "gate"). */
export function argoGates({ application, source, branch, project }: ArgoGateInput): Gate[] {
  const name = `Application ${application.name}`;
  const gates: Gate[] = [];
  if (application.skipped) {
    gates.push({
      kind: 'suspended',
      message: `${name} is skipped by Argo CD (argocd.argoproj.io/skip-reconcile).`,
      remedy: 'Remove the annotation, or this will not deploy.',
    });
  }
  if (!application.automated) {
    gates.push({
      kind: 'auto-sync-off',
      message: `Auto-sync of ${name} is off: a push alone changes nothing.`,
      remedy: 'Sync it in Argo CD after the push.',
    });
  }
  // `HEAD` is the remote's own branch, whatever its name.
  if (branch !== undefined && source.targetRevision !== 'HEAD' && source.targetRevision !== branch) {
    gates.push({
      kind: 'wrong-branch',
      message: `${name} follows ${source.targetRevision}, not the branch ${branch}.`,
      remedy: `Merge into ${source.targetRevision}, or change spec.source.targetRevision.`,
    });
  }
  const windows = project === undefined ? [] : windowsFor(project, application);
  if (windows.length > 0) {
    gates.push({
      kind: 'sync-window',
      message: `Project ${application.project} has sync windows for ${name}: ${windows.join(', ')}.`,
      remedy: 'Argo CD syncs only when they allow it.',
    });
  }
  const { operation, errors } = application;
  if (operation?.phase === 'Failed' || operation?.phase === 'Error') {
    gates.push({
      kind: 'failing',
      message: `The last sync of ${name} failed: ${operation.message}`,
      remedy: 'Argo CD does not try the same revision again by itself.',
    });
  }
  for (const error of errors) {
    gates.push({
      kind: 'failing',
      message: `${name}: ${error}`,
      remedy: 'Mend it; until then nothing new is applied.',
    });
  }
  return gates;
}

/**
 * Windows that are meant for an application: by its name, its namespace or its cluster, each a glob. Whether one is open at this moment
 * is left to Argo CD, whose time zone and overlapping rules decide.
 */
function windowsFor(project: KubeObject, { name, destination }: ArgoApplication): string[] {
  const matches = (window: Json, member: string, value: string | undefined): boolean =>
    value !== undefined &&
    listAt(window, member).some((pattern) => typeof pattern === 'string' && matchesGlob(pattern, value));
  return listAt(project, 'spec', 'syncWindows')
    .filter(
      (window) =>
        matches(window, 'applications', name) ||
        matches(window, 'namespaces', destination.namespace) ||
        matches(window, 'clusters', destination.server) ||
        matches(window, 'clusters', destination.name),
    )
    .map((window) => {
      const zone = stringAt(window, 'timeZone') ?? 'UTC';
      return `${stringAt(window, 'kind') ?? 'allow'} “${stringAt(window, 'schedule') ?? ''}” for ${stringAt(window, 'duration') ?? '?'} (${zone})`;
    });
}
