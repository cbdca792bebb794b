import type { Application } from '../../core/delivery/application.ts';
import type { ApplicationList } from '../../core/report.ts';
import { describeApplication } from '../../services/applications/applicationReport.ts';
import { findApplications } from '../../services/applications/findApplications.ts';
import type { CommonOptions } from '../commandLine.ts';
import { exitCode } from '../exitCode.ts';
import { openSource } from '../openSource.ts';
import type { CommandLineParts } from '../commandLineParts.ts';
import { columnsOf, pad } from '../output/width.ts';
import type { Style } from '../output/style.ts';

/** What `plumbline apps` says of the applications found. */
export function applicationList(applications: readonly Application[], revision: string, now: Date): ApplicationList {
  return {
    kind: 'ApplicationList',
    version: 1,
    at: now.toISOString(),
    applications: applications.map((application) => describeApplication(application, revision)),
    problems: [],
  };
}

export function printApplications(list: ApplicationList, style: Style): string {
  if (list.applications.length === 0) return 'No manifests, kustomizations or charts were found here.\n';
  const width = Math.max(...list.applications.map((application) => columnsOf(application.id)));
  return list.applications
    .map((application) => {
      const from =
        application.engine === 'direct' ? application.source.kind : `${application.source.kind}, ${application.engine}`;
      return `${pad(application.id, width)}  ${style.dim(from)}\n`;
    })
    .join('');
}

/** `plumbline apps`. */
export async function runApps(
  options: CommonOptions,
  parts: Pick<CommandLineParts, 'sources' | 'clock'>,
  style: Style,
  signal: AbortSignal,
): Promise<number> {
  const { tree, repository, below } = await openSource(parts.sources, options.directory, 'worktree', signal);
  const applications = await findApplications(tree, below, signal);
  const list = applicationList(applications, tree.revision, parts.clock.now());
  process.stdout.write(
    options.output === 'json' ? `${JSON.stringify(list, null, 2)}\n` : printApplications(list, style),
  );
  await tree.dispose();
  await repository?.dispose();
  return exitCode.nothingToReport;
}
