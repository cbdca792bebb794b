import type { Application } from '../../core/delivery/application.ts';
import { type BadExpression, isBadExpression } from '../../core/delivery/flux/envsubst.ts';
import type { GivenApplied } from '../../core/drift/appliedValue.ts';
import type { IgnoreRule } from '../../core/drift/ignoreRule.ts';
import type { TaintPredicate } from '../../core/drift/mask.ts';
import { type KubeObject, type ObjectKey, describeKey, groupVersionKindOf, keyOf } from '../../core/kube/objectKey.ts';
import type { Location } from '../../core/location.ts';
import type { Problem } from '../../core/problem.ts';
import type { SourceKind } from '../../core/report.ts';
import type { Cluster, Discovery } from '../../ports/cluster.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import type { RenderOptions, RenderResult, RenderedObject, Renderer } from '../../ports/renderer.ts';
import { identifyTargets } from './identifyTargets.ts';
import type { SchemaCache } from './schemaCache.ts';
import type { DeclaredTarget, Target } from './target.ts';

export type Renderers = Readonly<Record<SourceKind, Renderer>>;

export interface PrepareOptions {
  tree: FileTree;
  renderers: Renderers;
  skipKinds: ReadonlySet<string>;
  /** For objects without a namespace, where the application names none. */
  namespace?: string;
  /** What the engine adds to the source when it builds it. */
  build?: Pick<RenderOptions, 'directory' | 'kustomize' | 'helm'>;
  /** What the engine does to each object after the build; a fault fails the build as a whole, as it does for the engine. */
  finish?: (object: KubeObject) => KubeObject | BadExpression;
  signal?: AbortSignal;
}

/** One application rendered and identified: all that is needed of Git before the cluster's objects are looked at. */
export interface PreparedApplication {
  application: Application;
  targets: DeclaredTarget[];
  /** What the engine's inventory holds and Git does not declare any more. */
  extras: Target[];
  /** Keys of what the engine owns; undefined where it keeps no inventory. */
  inventory?: ReadonlySet<string>;
  /** What the engine applied last, by the revision that it names (design §2.1, rule a). */
  applied?: (key: ObjectKey) => GivenApplied | undefined;
  /** Differences that the engine was told to leave out. */
  ignore?: readonly IgnoreRule[];
  /** The engine reverts by itself what it declares (Argo CD `selfHeal`). */
  selfHeal?: true;
  /** The engine's last run failed while it applied (Flux `ReconciliationFailed`). */
  applyFailed?: true;
  /** Says of values that they came from a Secret (`substituteFrom`, `valuesFrom`), wherever they stand now. */
  isTainted?: TaintPredicate;
  /** Where all of it is declared, for what no renderer here can place (a HelmRelease of a chart from elsewhere). */
  place?: Location;
  /** Files that were read; a change of any other changes nothing. */
  files: readonly string[];
  problems: Problem[];
  /** False where the source could not be rendered: then nothing may be said of its objects. */
  rendered: boolean;
  /** Files of the source that could not be read, or only in part; absent where all was read. What they declare is not among the targets. */
  unread?: ReadonlySet<string>;
  /** Targets that an earlier look found in what cannot be read at the moment. */
  kept?: KeptSource;
}

/** A source that cannot be read at the moment, as while somebody types, of which is shown what it said before. */
export interface KeptSource {
  /** When it was first found so (RFC 3339): until then it said what is shown. */
  since: string;
  /** What is wrong with it. */
  reason: Problem;
  /** Files of which nobody knows where their lines are now. */
  files: ReadonlySet<string>;
  /** Of the objects that only the earlier look knows (see keyText). */
  keys: ReadonlySet<string>;
  /** What could be read. */
  read: PreparedApplication;
}

/** Whether what a source does not declare is not declared: of a source that was read in part nobody can say so. */
export function isWhole({ rendered, unread }: PreparedApplication): boolean {
  return rendered && unread === undefined;
}

/** Renders an application. What is wrong with the source becomes problems that name the application. */
export async function renderApplication(application: Application, options: PrepareOptions): Promise<RenderResult> {
  const renderer = options.renderers[application.source.kind];
  const namespace = application.destination.namespace ?? options.namespace;
  const result = await renderer.render(options.tree, application.source.path, {
    ...(namespace === undefined ? {} : { namespace }),
    ...options.build,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const problems = result.problems.map((problem): Problem => ({ ...problem, application: application.id }));
  const { finish } = options;
  if (finish === undefined) return { ...result, problems };
  const objects: RenderedObject[] = [];
  for (const item of result.objects) {
    const object = finish(item.object);
    if (isBadExpression(object)) {
      return { ...result, objects: [], problems: [...problems, notFinished(application, item, object)] };
    }
    objects.push({ ...item, object });
  }
  return { ...result, objects, problems };
}

function notFinished(application: Application, item: RenderedObject, { fault }: BadExpression): Problem {
  return {
    code: 'build-failed',
    severity: 'error',
    message: `${application.name} was not checked: in ${describeKey(keyOf(item.object))} ${fault}.`,
    remedy: 'Correct the expression or the value; Flux may take it all the same where it knows more than Plumbline.',
    application: application.id,
    ...(item.file === undefined ? {} : { location: { file: item.file, via: 'manifest' } }),
  };
}

/** Renders an application and gives its objects their identity in the cluster; fetches the schemas that they need. */
export async function prepareApplication(
  application: Application,
  cluster: Cluster,
  schemas: SchemaCache,
  options: PrepareOptions,
): Promise<PreparedApplication> {
  const [result, discovery] = await Promise.all([
    renderApplication(application, options),
    cluster.discover(options.signal === undefined ? {} : { signal: options.signal }),
  ]);
  const identify = (known: Discovery): ReturnType<typeof identifyTargets> =>
    identifyTargets(application, result.objects, {
      discovery: known,
      defaultNamespace: application.destination.namespace ?? options.namespace ?? cluster.namespace ?? 'default',
      skipKinds: options.skipKinds,
    });
  let { targets, problems } = identify(discovery);
  if (targets.some((target) => target.resource === undefined) || problems.length > 0) {
    // What was discovered may be older than the definitions that bring a kind.
    const refreshed = await cluster.discover({
      refresh: true,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    ({ targets, problems } = identify(refreshed));
  }
  const kinds = targets.filter((target) => target.resource !== undefined);
  const schemaProblems = await schemas.prepare(
    kinds.map((target) => groupVersionKindOf(target.rendered.object)),
    options.signal,
  );
  const failures = result.problems.filter((problem) => problem.severity === 'error');
  return {
    application,
    targets,
    extras: [],
    files: result.files,
    problems: [...result.problems, ...problems, ...schemaProblems],
    rendered: result.objects.length > 0 || failures.length === 0,
    ...(failures.length === 0 ? {} : { unread: new Set(failures.flatMap(({ location }) => location?.file ?? [])) }),
  };
}

/** What is known of an application whose cluster did not answer. */
export function emptyPreparation(application: Application): PreparedApplication {
  return { application, targets: [], extras: [], files: [], problems: [], rendered: false };
}
