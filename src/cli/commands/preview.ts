import type { PlanAction, PlanList } from '../../core/report.ts';
import { type PreviewRequest, previewCommits, previewPlans } from '../../services/preview/previewPlans.ts';
import type { Cluster } from '../../ports/cluster.ts';
import type { CommandLine } from '../commandLine.ts';
import { exitCodeFor } from '../exitCode.ts';
import type { OpenedSource } from '../openSource.ts';
import { openWorkspace } from '../openWorkspace.ts';
import { printPlans } from '../output/planText.ts';
import { printJson } from '../output/printJson.ts';
import type { Style } from '../output/style.ts';
import type { CommandLineParts } from '../commandLineParts.ts';
import { UsageError } from '../usageError.ts';

type PreviewOptions = Extract<CommandLine, { command: 'preview' }>;

/** Commits looked back at; beyond it the plan of the working tree says more than a list. */
const commitLimit = 100;

/** `plumbline preview`: plans, and the exit code that they mean. */
export async function runPreview(
  options: PreviewOptions,
  parts: CommandLineParts,
  style: Style,
  signal: AbortSignal,
): Promise<number> {
  if (options.contexts.length > 1) throw new UsageError('preview takes one --context');
  const { source, derived, clusters, contexts, close } = await openWorkspace(options, parts, options.to, signal);
  try {
    const request: PreviewRequest = {
      derived,
      below: source.below,
      chosen: new Set(options.applications),
      tree: source.tree,
      repository: source.repository,
      renderers: parts.renderers,
      skipKinds: options.skipKinds,
      prune: options.prune,
      withPredicted: options.predicted,
      signal,
      ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    };
    const cluster = await clusters.connect(contexts[0]);
    const list = options.commits
      ? await plansOfCommits(request, source, cluster, parts)
      : await previewPlans(request, cluster, parts.clock);
    process.stdout.write(options.output === 'json' ? printJson(list) : printPlans(list, style));
    return exitCodeFor(totals(list), options.failOn, list.problems);
  } finally {
    await close();
  }
}

async function plansOfCommits(
  request: PreviewRequest,
  source: OpenedSource,
  cluster: Cluster,
  parts: CommandLineParts,
): Promise<PlanList> {
  const { repository } = source;
  if (repository === undefined) throw new UsageError('--commits needs a Git repository');
  const now = await previewPlans(request, cluster, parts.clock);
  const applied = [...new Set(now.plans.map((plan) => plan.from).filter((from) => from !== 'live'))];
  const [revision] = applied;
  if (revision === undefined || applied.length > 1) {
    throw new UsageError(
      revision === undefined
        ? 'no applied revision is known, so there is no commit to begin with'
        : 'the applications are at different revisions',
      'Choose one application that Flux delivers with --app, or preview a revision with --to.',
    );
  }
  const answer = await previewCommits(
    { ...request, repository, applied: revision, limit: commitLimit },
    cluster,
    parts.clock,
  );
  return { ...now, plans: answer.plans.map((item) => item.plan), problems: answer.problems };
}

function totals(list: PlanList): Record<string, number> {
  const sums: Partial<Record<PlanAction, number>> = {};
  for (const plan of list.plans) {
    for (const [action, count] of Object.entries(plan.summary)) {
      sums[action as PlanAction] = (sums[action as PlanAction] ?? 0) + count;
    }
  }
  return sums;
}
