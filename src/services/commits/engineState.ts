import { readApplySet } from '../../core/reconcile/applySet.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import { fieldAt, listAt, stringAt } from '../../core/json.ts';
import type { EngineName, Gate } from '../../core/report.ts';
import type { FluxApplication } from '../applications/fluxApplications.ts';

/** Where the engine of one application stands. */
export interface EngineState {
  engine: EngineName;
  /** The engine fetches from a remote by itself; `direct` does not. */
  fetches: boolean;
  /** What it follows. */
  followed?: { url: string; branch: string };
  /** Commit id of what it fetched last. */
  fetched?: string;
  /** How often it looks for something new: `1m0s`. */
  interval?: string;
  /** What it applied last; the working tree where that was applied instead of a commit. Undefined where nothing says it. */
  applied?: { revision: string; at?: string } | 'worktree';
  /** When it was applied, also for the working tree; RFC 3339. */
  appliedAt?: string;
  gates: Gate[];
}

/** What a Kustomization and its source say. */
export function fluxState({ application, delivery }: FluxApplication): EngineState {
  const { source, kustomization } = delivery;
  const branch = source?.ref.branch;
  const { lastApplied, ready } = kustomization;
  const at = ready?.since;
  return {
    engine: 'flux',
    fetches: true,
    ...(source === undefined || branch === undefined ? {} : { followed: { url: source.url, branch } }),
    ...(source?.fetched === undefined ? {} : { fetched: source.fetched.commit }),
    ...(source === undefined || source.interval === '' ? {} : { interval: source.interval }),
    ...(lastApplied === undefined
      ? {}
      : {
          applied: { revision: lastApplied.commit, ...(at === undefined ? {} : { at }) },
          ...(at === undefined ? {} : { appliedAt: at }),
        }),
    gates: application.gates,
  };
}

/** What the parent of an ApplySet says of the last direct apply. */
export function directState(parent: KubeObject | undefined): EngineState {
  const state: EngineState = { engine: 'direct', fetches: false, gates: [] };
  if (parent === undefined || readApplySet(parent) === undefined) return state;
  const revision = stringAt(parent, 'metadata', 'annotations', 'plumbline.dev/revision');
  if (revision === undefined || revision === '') return state;
  // The parent changes with each apply of another revision, and with nothing else that Plumbline does.
  const at = listAt(parent, 'metadata', 'managedFields')
    .filter((entry) => fieldAt(entry, 'manager') === 'plumbline')
    .map((entry) => stringAt(entry, 'time'))
    .find((time) => time !== undefined);
  const appliedAt = at === undefined ? {} : { appliedAt: at };
  if (revision === 'worktree') return { ...state, applied: 'worktree', ...appliedAt };
  return { ...state, applied: { revision, ...(at === undefined ? {} : { at }) }, ...appliedAt };
}
