import type { Application } from '../core/delivery/application.ts';
import type { ClusterProvider } from '../ports/cluster.ts';
import { findApplications } from '../services/applications/findApplications.ts';
import { askAhead } from './askAhead.ts';
import type { CommandLineParts } from './commandLineParts.ts';
import type { CommonOptions } from './commandLine.ts';
import { checkChoice, noContext } from './commands/choices.ts';
import { type OpenedSource, openSource } from './openSource.ts';

/** What commands that hold files against clusters begin with. */
export interface OpenedWorkspace {
  source: OpenedSource;
  /** Applications that the files declare. */
  derived: Application[];
  clusters: ClusterProvider;
  /** Those that were chosen, in their order. */
  contexts: readonly [string, ...string[]];
  readonly close: () => Promise<void>;
}

/**
 * Opens the folder of a command at a revision, and begins to ask the chosen clusters. Throws UsageError where none was chosen, or an
 * application that is not there; GitError where the revision is not in this clone.
 */
export async function openWorkspace(
  options: CommonOptions,
  parts: CommandLineParts,
  revision: string,
  signal: AbortSignal,
): Promise<OpenedWorkspace> {
  const clusters = parts.clusters(options.kubeconfig);
  const [first, ...others] = options.contexts;
  if (first === undefined) throw await noContext(clusters);
  askAhead(clusters, options.contexts);
  let source: OpenedSource | undefined;
  const close = async (): Promise<void> => {
    clusters.reset();
    await source?.tree.dispose();
    await source?.repository?.dispose();
  };
  try {
    source = await openSource(parts.sources, options.directory, revision, signal);
    const derived = await findApplications(source.tree, source.below, signal);
    checkChoice(derived, options);
    return { source, derived, clusters, contexts: [first, ...others], close };
  } catch (error) {
    await close();
    throw error;
  }
}
