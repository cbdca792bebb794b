import { findApplications } from '../../services/applications/findApplications.ts';
import { checkDrift } from '../../services/drift/checkDrift.ts';
import { CommitTimes } from '../../services/drift/commitTimes.ts';
import { askAhead } from '../askAhead.ts';
import type { CommandLine } from '../commandLine.ts';
import { exitCodeFor } from '../exitCode.ts';
import { openSource } from '../openSource.ts';
import { printDrift } from '../output/driftText.ts';
import { printJson } from '../output/printJson.ts';
import type { Style } from '../output/style.ts';
import type { CommandLineParts } from '../commandLineParts.ts';
import { workspaceIgnore } from '../workspaceIgnore.ts';
import { checkChoice, noContext } from './choices.ts';

type DriftOptions = Extract<CommandLine, { command: 'drift' }>;

/** `plumbline drift`: one report, and the exit code that it means. */
export async function runDrift(
  options: DriftOptions,
  parts: CommandLineParts,
  style: Style,
  signal: AbortSignal,
): Promise<number> {
  const started = parts.clock.now();
  const clusters = parts.clusters(options.kubeconfig);
  if (options.contexts.length === 0) throw await noContext(clusters);
  const source = await openSource(parts.sources, options.directory, options.desired, signal);
  try {
    askAhead(clusters, options.contexts);
    const derived = await findApplications(source.tree, source.below, signal);
    checkChoice(derived, options);
    const { ignore, problems } = await workspaceIgnore(source.tree, source.below, signal);
    const checked = await checkDrift(
      {
        derived,
        below: source.below,
        contexts: options.contexts,
        chosen: new Set(options.applications),
        tree: source.tree,
        repository: source.repository,
        renderers: parts.renderers,
        skipKinds: options.skipKinds,
        secrets: 'compare',
        ignore,
        jq: parts.jq,
        gunzip: parts.gunzip,
        commitTimes: new CommitTimes(source.repository),
        signal,
        ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
      },
      clusters,
      parts.clock,
    );
    const report = { ...checked, problems: [...problems, ...checked.problems] };
    const seconds = (parts.clock.now().getTime() - started.getTime()) / 1000;
    const text = options.output === 'json' ? printJson(report) : printDrift(report, style, seconds);
    process.stdout.write(text);
    return exitCodeFor(report.summary, options.failOn, report.problems);
  } finally {
    clusters.reset();
    await source.tree.dispose();
    await source.repository?.dispose();
  }
}
