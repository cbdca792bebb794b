import { checkDrift } from '../../services/drift/checkDrift.ts';
import { CommitTimes } from '../../services/drift/commitTimes.ts';
import type { CommandLine } from '../commandLine.ts';
import { exitCodeFor } from '../exitCode.ts';
import { openWorkspace } from '../openWorkspace.ts';
import { printDrift } from '../output/driftText.ts';
import { printJson } from '../output/printJson.ts';
import type { Style } from '../output/style.ts';
import type { CommandLineParts } from '../commandLineParts.ts';
import { workspaceIgnore } from '../workspaceIgnore.ts';

type DriftOptions = Extract<CommandLine, { command: 'drift' }>;

/** `plumbline drift`: one report, and the exit code that it means. */
export async function runDrift(
  options: DriftOptions,
  parts: CommandLineParts,
  style: Style,
  signal: AbortSignal,
): Promise<number> {
  const started = parts.clock.now();
  const { source, derived, clusters, contexts, close } = await openWorkspace(options, parts, options.desired, signal);
  try {
    const { ignore, problems } = await workspaceIgnore(source.tree, source.below, signal);
    const checked = await checkDrift(
      {
        derived,
        below: source.below,
        contexts,
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
    await close();
  }
}
