import type { Application } from '../../core/delivery/application.ts';
import type { GivenApplied } from '../../core/drift/appliedValue.ts';
import { type KubeObject, type ObjectKey, keyText } from '../../core/kube/objectKey.ts';
import type { Problem } from '../../core/problem.ts';
import type { Cluster, Discovery } from '../../ports/cluster.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import { GitError } from '../../ports/gitError.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import { identifyTargets } from './identifyTargets.ts';
import { type PrepareOptions, renderApplication } from './prepareComparison.ts';

export type Rendered = ReadonlyMap<string, KubeObject>;

export interface RevisionContext {
  repository: GitRepository;
  discovery: Discovery;
  cluster: Cluster;
  options: PrepareOptions;
  /** What stands in the way is added here. */
  problems: Problem[];
}

/** Undefined where the revision cannot be had: then the next rule of §2.1 counts, and the problem says why. */
export async function renderRevision(
  commit: string,
  application: Application,
  { repository, discovery, cluster, options, problems }: RevisionContext,
): Promise<Rendered | undefined> {
  let tree: FileTree;
  try {
    tree = await repository.tree(commit, options.signal === undefined ? {} : { signal: options.signal });
  } catch (error) {
    if (!GitError.is(error, 'missing-revision')) throw error;
    problems.push({
      code: 'missing-revision',
      severity: 'warning',
      message: `${application.name} applied ${commit.slice(0, 7)}, which is not in this clone.`,
      remedy: 'Fetch it (git fetch --unshallow where the clone is shallow); until then the owners of fields decide.',
      application: application.id,
    });
    return undefined;
  }
  try {
    const result = await renderApplication(application, { ...options, tree });
    const failed = result.problems.find((problem) => problem.severity === 'error');
    if (failed !== undefined) {
      problems.push({
        ...failed,
        severity: 'warning',
        message: `The applied revision ${commit.slice(0, 7)} cannot be rendered: ${failed.message}`,
      });
      return undefined;
    }
    const { targets } = identifyTargets(application, result.objects, {
      discovery,
      defaultNamespace: application.destination.namespace ?? options.namespace ?? cluster.namespace ?? 'default',
      skipKinds: options.skipKinds,
    });
    return new Map(targets.map((target) => [keyText(target.key), target.rendered.object]));
  } finally {
    await tree.dispose();
  }
}

export function appliedLookup(applied: Rendered, alternative: Rendered | undefined): (key: ObjectKey) => GivenApplied {
  return (key) => {
    const object = applied.get(keyText(key));
    const other = alternative?.get(keyText(key));
    return {
      basis: 'revision',
      ...(object === undefined ? {} : { object }),
      ...(other === undefined ? {} : { alternative: other }),
    };
  };
}
