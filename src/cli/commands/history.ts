import type { History } from '../../core/report.ts';
import { isBelow } from '../../core/repositoryPath.ts';
import { findDelivered } from '../../services/applications/findDelivered.ts';
import { withoutDelivered } from '../../services/applications/fluxApplications.ts';
import { inNamespace } from '../../services/applications/inNamespace.ts';
import { readHistory } from '../../services/history/readHistory.ts';
import type { CommonOptions } from '../commandLine.ts';
import type { CommandLineParts } from '../commandLineParts.ts';
import { exitCode } from '../exitCode.ts';
import { openWorkspace } from '../openWorkspace.ts';
import { printHistory } from '../output/historyText.ts';
import { printJson } from '../output/printJson.ts';
import type { Style } from '../output/style.ts';

/** `plumbline history`: what was applied, when, by whom and how it ended. Nothing is rendered. */
export async function runHistory(
  options: CommonOptions,
  parts: CommandLineParts,
  style: Style,
  signal: AbortSignal,
): Promise<number> {
  const { source, derived, clusters, contexts, close } = await openWorkspace(options, parts, 'worktree', signal);
  try {
    const chosen = new Set(options.applications);
    const report: History = {
      kind: 'History',
      version: 1,
      at: parts.clock.now().toISOString(),
      histories: [],
      problems: [],
    };
    for (const context of contexts) {
      const cluster = await clusters.connect(context);
      const delivered = await findDelivered(cluster, { ...source, signal });
      const found = [...delivered.applications, ...delivered.argo].map(({ application }) => application);
      const applications = [...found, ...withoutDelivered(derived, found)]
        .filter((application) => isBelow(application.source.path, source.below))
        .filter(({ id }) => chosen.size === 0 || chosen.has(id))
        .map((application) => inNamespace(application, options.namespace));
      const { histories, problems } = await readHistory(applications, cluster, {
        repository: source.repository,
        signal,
      });
      report.histories.push(...histories);
      report.problems.push(...delivered.problems.filter(({ code }) => code !== 'not-checked'), ...problems);
    }
    process.stdout.write(options.output === 'json' ? printJson(report) : printHistory(report, style));
    const incomplete = report.problems.some(({ severity }) => severity === 'error');
    return incomplete ? exitCode.incomplete : exitCode.nothingToReport;
  } finally {
    await close();
  }
}
