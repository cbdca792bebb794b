import type { Application } from '../../core/delivery/application.ts';
import type { ClusterProvider } from '../../ports/cluster.ts';
import type { CommonOptions } from '../commandLine.ts';
import { UsageError } from '../usageError.ts';

/** Applications that engines deliver are known only when the cluster has answered; the others must be there. */
export function checkChoice(found: readonly Application[], options: CommonOptions): void {
  const unknown = options.applications.filter(
    (id) => !/^(flux|argocd):/.test(id) && !found.some((application) => application.id === id),
  );
  if (unknown.length === 0) return;
  throw new UsageError(
    `there is no application ${unknown.join(', ')} below ${options.directory}`,
    found.length === 0 ? undefined : `those found are ${someOf(found.map((application) => application.id))}`,
  );
}

/** A list that a person can read: the first ten, and how many more there are. */
function someOf(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(', ');
  return names.length > 10 ? `${shown} and ${names.length - 10} more (plumbline apps lists them)` : shown;
}

/** No context is contacted that the user did not choose, not even the current one (design §3.3). */
export async function noContext(clusters: ClusterProvider): Promise<UsageError> {
  const { contexts, problems } = await clusters.contexts();
  const names = contexts.map((context) => context.name).join(', ');
  const [problem] = problems;
  if (names === '' && problem !== undefined) {
    return new UsageError(problem.message, problem.remedy ?? 'Name one with --kubeconfig, or try `plumbline sandbox`.');
  }
  return new UsageError('choose the cluster to compare with: --context NAME', `the contexts are ${names}`);
}
