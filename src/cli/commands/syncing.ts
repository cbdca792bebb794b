import { describeKey } from '../../core/kube/objectKey.ts';
import { type ActionScope, openActionScope } from '../../services/actions/actionScope.ts';
import { pause } from '../../services/actions/pause.ts';
import type { SyncStep } from '../../services/sync/syncOutcome.ts';
import type { CommonOptions } from '../commandLine.ts';
import type { OpenedSource } from '../openSource.ts';
import { openWorkspace } from '../openWorkspace.ts';
import type { CommandLineParts } from '../commandLineParts.ts';
import { UsageError } from '../usageError.ts';
import { version } from '../version.ts';

/** What sync and rollback have in common: one cluster and its applications, opened for one command. */
export interface OpenedScope {
  source: OpenedSource;
  scope: ActionScope;
  readonly close: () => Promise<void>;
}

export async function openScope(
  options: CommonOptions & { prune: boolean },
  parts: CommandLineParts,
  signal: AbortSignal,
): Promise<OpenedScope> {
  if (options.contexts.length > 1) throw new UsageError('one --context at a time: each cluster is changed by itself');
  const { source, derived, clusters, contexts, close } = await openWorkspace(options, parts, 'worktree', signal);
  try {
    const scope = await openActionScope({
      cluster: await clusters.connect(contexts[0]),
      derived,
      below: source.below,
      chosen: new Set(options.applications),
      tree: source.tree,
      repository: source.repository,
      renderers: parts.renderers,
      prune: options.prune,
      clock: parts.clock,
      sleep: pause,
      toolVersion: version,
      signal,
      ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    });
    return { source, scope, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A step on stderr, as it happens; stdout is for reports. */
export function tellStep(step: SyncStep): void {
  process.stderr.write(`  ${stepText(step)}\n`);
}

function stepText(step: SyncStep): string {
  switch (step.step) {
    case 'committed':
      return `✓ committed ${step.commit.slice(0, 7)}`;
    case 'pushed':
      return `✓ pushed to ${step.remote}/${step.branch}`;
    case 'requested':
      return `… asked ${step.what} to reconcile`;
    case 'fetched':
      return `✓ fetched ${step.revision.slice(0, 7)}`;
    case 'applying':
      return `… ${step.done}/${step.total} ${describeKey(step.key)} ${step.result}`;
    case 'applied':
      return `✓ applied ${step.revision.slice(0, 7)}`;
    case 'pruned':
      return `− pruned ${describeKey(step.key)}`;
    case 'waiting':
      return `… waiting for ${step.for}`;
    case 'healthy':
      return '✓ healthy';
  }
}
