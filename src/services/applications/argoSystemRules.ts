import type { IgnoreRule } from '../../core/drift/ignoreRule.ts';
import { argoSystemIgnoreRules } from '../../core/drift/readIgnoreRules.ts';
import type { Problem } from '../../core/problem.ts';
import type { Cluster } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';

/**
 * Rules that hold for all Applications of an Argo CD, by its namespace (semantics A-9): one GET of `argocd-cm` for each namespace that has
 * Applications. Where it may not be read, a problem says that such rules are not known.
 */
export async function readArgoSystemRules(
  cluster: Cluster,
  namespaces: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<{ rules: Map<string, IgnoreRule[]>; problems: Problem[] }> {
  const found = { rules: new Map<string, IgnoreRule[]>(), problems: [] as Problem[] };
  if (namespaces.size === 0) return found;
  const { resources } = await cluster.discover(signal === undefined ? {} : { signal });
  const resource = resources.find(({ group, kind }) => group === '' && kind === 'ConfigMap');
  if (resource === undefined) return found;
  for (const namespace of namespaces) {
    try {
      const configMap = await cluster.get(resource, namespace, 'argocd-cm', signal);
      if (configMap === undefined) continue;
      const { rules, problems } = argoSystemIgnoreRules(configMap);
      found.rules.set(namespace, rules);
      found.problems.push(...problems.map((problem) => ({ ...problem, context: cluster.context })));
    } catch (error) {
      if (!ClusterError.is(error, 'forbidden')) throw error;
      found.problems.push({
        code: 'forbidden',
        severity: 'information',
        message: `The ConfigMap argocd-cm of ${namespace} may not be read, so what this Argo CD ignores in all Applications is not known.`,
        remedy: `Ask for the right to get it, or repeat its rules in the setting plumbline.ignore.`,
        context: cluster.context,
      });
    }
  }
  return found;
}
