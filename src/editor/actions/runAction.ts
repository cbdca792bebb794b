import type { ObjectKey } from '../../core/kube/objectKey.ts';
import type { PathSegment } from '../../core/location.ts';
import type { ActionParts, ActionTarget } from './actionParts.ts';
import { ActionRun } from './actionRun.ts';
import { commitAndSync } from './commitAndSync.ts';
import { ignore } from './ignore.ts';
import { restore } from './restore.ts';
import { rollBack } from './rollBack.ts';
import { setSuspension } from './suspension.ts';
import { sync } from './sync.ts';
import { writeLiveValue } from './writeLiveValue.ts';

/** What shall be done. */
export type Action =
  | { do: 'sync' | 'commitAndSync' | 'suspend' | 'resume' }
  /** Without a revision the user picks one. */
  | { do: 'rollBack'; revision?: string }
  | { do: 'restore'; key: ObjectKey }
  | { do: 'writeLiveValue' | 'ignoreDifference'; key: ObjectKey; segments: readonly PathSegment[] };

export interface ActionRequest {
  action: Action;
  target: ActionTarget;
  /** As the command is called: `Sync`. */
  title: string;
  /** The application's, for people. */
  name: string;
  /** The same once more, for *Retry*. */
  readonly again: () => Promise<void>;
}

/**
 * Runs one action from its first question to its last word. All that changes a cluster or Git hangs on this module, which is a bundle of
 * its own (esbuild.mjs): who only looks never loads it.
 */
export async function runAction(parts: ActionParts, request: ActionRequest): Promise<void> {
  const { action, target, title, name, again } = request;
  const run = new ActionRun(parts, target, title, name, again);
  await run.start(() => {
    switch (action.do) {
      case 'sync':
        return sync(run);
      case 'commitAndSync':
        return commitAndSync(run);
      case 'rollBack':
        return rollBack(run, action.revision);
      case 'restore':
        return restore(run, action.key);
      case 'writeLiveValue':
        return writeLiveValue(run, action.key, action.segments);
      case 'ignoreDifference':
        return ignore(run, action.key, action.segments);
      case 'suspend':
        return setSuspension(run, true);
      case 'resume':
        return setSuspension(run, false);
    }
  });
}
