import type { Application } from '../../core/delivery/application.ts';
import type { Problem } from '../../core/problem.ts';
import type { ApplicationList } from '../../core/report.ts';
import { isBelow } from '../../core/repositoryPath.ts';
import { describeApplication } from '../../services/applications/applicationReport.ts';
import { findApplications } from '../../services/applications/findApplications.ts';
import { type DeliveredApplications, findDeclared, findDelivered } from '../../services/applications/findDelivered.ts';
import { withoutDelivered } from '../../services/applications/fluxApplications.ts';
import type { CommonOptions } from '../commandLine.ts';
import type { CommandLineParts } from '../commandLineParts.ts';
import { exitCode } from '../exitCode.ts';
import { type OpenedSource, openSource } from '../openSource.ts';
import { printApplications } from '../output/applicationText.ts';
import { printJson } from '../output/printJson.ts';
import type { Style } from '../output/style.ts';

/**
 * `plumbline apps`: what files say, and for each named context what its Flux and Argo CD say. Without a context no cluster is contacted.
 */
export async function runApps(
  options: CommonOptions,
  parts: CommandLineParts,
  style: Style,
  signal: AbortSignal,
): Promise<number> {
  const source = await openSource(parts.sources, options.directory, 'worktree', signal);
  const clusters = options.contexts.length === 0 ? undefined : parts.clusters(options.kubeconfig);
  try {
    const derived = await findApplications(source.tree, source.below, signal);
    const found =
      clusters === undefined
        ? { applications: await findDeclared({ ...source, signal }), problems: [] }
        : await live(source, clusters, options, signal);
    // A HelmRelease delivers a chart, not what else lies beside the file that declares it.
    const folders = found.applications.filter(({ engine, source: { kind } }) => engine !== 'flux' || kind !== 'helm');
    const applications = [...found.applications, ...withoutDelivered(derived, folders)]
      .filter(({ source: { path } }) => isBelow(path, source.below))
      .filter(({ id }) => options.applications.length === 0 || options.applications.includes(id));
    const list: ApplicationList = {
      kind: 'ApplicationList',
      version: 1,
      at: parts.clock.now().toISOString(),
      applications: applications.map((application) => describeApplication(application, source.tree.revision)),
      problems: found.problems,
    };
    const text = options.output === 'json' ? printJson(list) : printApplications(list, style);
    process.stdout.write(text);
    const incomplete = list.problems.some(({ code, severity }) => severity === 'error' && code !== 'not-checked');
    return incomplete ? exitCode.incomplete : exitCode.nothingToReport;
  } finally {
    clusters?.reset();
    await source.tree.dispose();
    await source.repository?.dispose();
  }
}

async function live(
  source: OpenedSource,
  clusters: ReturnType<CommandLineParts['clusters']>,
  options: CommonOptions,
  signal: AbortSignal,
): Promise<{ applications: Application[]; problems: Problem[] }> {
  const { contexts } = await clusters.contexts();
  const applications: Application[] = [];
  const problems: Problem[] = [];
  for (const context of options.contexts) {
    const cluster = await clusters.connect(context);
    const found: DeliveredApplications = await findDelivered(cluster, { ...source, knownContexts: contexts, signal });
    const several = options.contexts.length > 1;
    applications.push(
      ...[...found.applications, ...found.argo, ...found.helm].map(({ application }) =>
        several ? { ...application, id: `${application.id}@${context}` } : application,
      ),
    );
    problems.push(...found.problems);
  }
  return { applications, problems };
}
