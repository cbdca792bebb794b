import assert from 'node:assert/strict';
import { DirectoryRenderer } from '../../src/adapters/directory/directoryRenderer.ts';
import { HelmRenderer } from '../../src/adapters/helm/helmRenderer.ts';
import { gunzipBase64 } from '../../src/adapters/files/gunzip.ts';
import { plainTree } from '../../src/adapters/files/plainTree.ts';
import { openRepository } from '../../src/adapters/git/localRepository.ts';
import { KustomizeRenderer } from '../../src/adapters/kustomize/kustomizeRenderer.ts';
import { KubeconfigClusters } from '../../src/adapters/kubernetes/clusterProvider.ts';
import { SpawnRunner } from '../../src/adapters/process/spawnRunner.ts';
import { describeKey, groupVersionKindOf } from '../../src/core/kube/objectKey.ts';
import type { Application } from '../../src/core/delivery/application.ts';
import type { DriftReport, FieldChange, ObjectReport } from '../../src/core/report.ts';
import type { Json } from '../../src/core/json.ts';
import type { Cluster } from '../../src/ports/cluster.ts';
import type { FileTree } from '../../src/ports/fileTree.ts';
import type { GitRepository } from '../../src/ports/gitRepository.ts';
import type { Jq } from '../../src/ports/jq.ts';
import { silentLog } from '../../src/ports/log.ts';
import { DriftSession } from '../../src/services/drift/driftSession.ts';
import { type IgnoreProposal, ignoreDifference } from '../../src/services/ignore/ignoreDifference.ts';
import { findApplications } from '../../src/services/applications/findApplications.ts';
import { checkDrift } from '../../src/services/drift/checkDrift.ts';
import { type Renderers, prepareApplication } from '../../src/services/drift/prepareComparison.ts';
import { SchemaCache } from '../../src/services/drift/schemaCache.ts';
import type { Target } from '../../src/services/drift/target.ts';
import type { SchemaNode } from '../../src/core/schema/schemaNode.ts';
import { CommitTimes } from '../../src/services/drift/commitTimes.ts';

/** What keeps differences from being findings, beside the engines' rules. */
export interface CheckRules {
  readonly jq?: Jq;
  /** The setting `plumbline.ignore`. */
  readonly ignore?: Json;
}

export interface CheckOptions {
  /** Folder of the repository; the whole of it by default. */
  readonly below?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly skipKinds?: ReadonlySet<string>;
}

/** A session as the editor has one, on a folder that stays open for it. */
export interface OpenedSession {
  readonly session: DriftSession;
  readonly tree: FileTree;
  dispose(): Promise<void>;
}

/** The engine with its real adapters against one kubeconfig, in this process. */
export class DriftCheck {
  readonly #runner: SpawnRunner;
  readonly #clusters: KubeconfigClusters;
  readonly #renderers: Renderers;
  readonly #more: CheckRules;

  constructor(place: { kubeconfig: string; environment: Readonly<Record<string, string>> }, more: CheckRules = {}) {
    this.#more = more;
    this.#runner = new SpawnRunner({ environment: () => place.environment });
    this.#clusters = new KubeconfigClusters({
      runner: this.#runner,
      environment: place.environment,
      explicit: place.kubeconfig,
    });
    const kustomize = new KustomizeRenderer(this.#runner);
    this.#renderers = { kustomize, helm: new HelmRenderer(this.#runner), directory: new DirectoryRenderer() };
  }

  cluster(context = 'admin'): Promise<Cluster> {
    return this.#clusters.connect(context);
  }

  /** What `plumbline drift` reports of a folder, Git or plain. */
  async check(folder: string, options: CheckOptions = {}): Promise<DriftReport> {
    const { repository, tree } = await this.#open(folder);
    try {
      const below = options.below ?? '';
      return await checkDrift(
        {
          derived: await findApplications(tree, below),
          below,
          contexts: [options.context ?? 'admin'],
          chosen: new Set(),
          tree,
          repository,
          renderers: this.#renderers,
          skipKinds: options.skipKinds ?? new Set(),
          secrets: 'compare',
          commitTimes: new CommitTimes(repository),
          gunzip: gunzipBase64,
          ...this.#more,
          ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
        },
        this.#clusters,
        { now: () => new Date() },
      );
    } finally {
      await tree.dispose();
      await repository?.dispose();
    }
  }

  /** One object of a report that has no problems, such as `ConfigMap/settings`; `below` a folder of the repository. */
  async find(folder: string, below: string, object: string): Promise<ObjectReport | undefined> {
    const report = await this.check(folder, { below });
    assert.deepEqual(report.problems, []);
    const objects = report.applications.flatMap((application) => application.objects);
    return objects.find(({ kind, name }) => `${kind}/${name}` === object);
  }

  /** A session on a folder, Git or plain, with one application in view or all of them. */
  async session(
    folder: string,
    { context = 'admin', application }: { context?: string; application?: string } = {},
  ): Promise<OpenedSession> {
    const { repository, tree } = await this.#open(folder);
    const applications = new Set(application === undefined ? [] : [application]);
    const session = new DriftSession({
      context,
      clusters: this.#clusters,
      tree,
      repository,
      renderers: this.#renderers,
      commitTimes: new CommitTimes(repository),
      settings: () => ({ secrets: 'compare', skipKinds: new Set(), applications }),
      clock: { now: () => new Date() },
      log: silentLog,
      gunzip: gunzipBase64,
    });
    return {
      session,
      tree,
      async dispose() {
        session.dispose();
        await tree.dispose();
        await repository?.dispose();
      },
    };
  }

  /** What *Ignore this difference* proposes for one field of a report. */
  async ignore(folder: string, application: string, object: string, path: string): Promise<IgnoreProposal> {
    const opened = await this.session(folder);
    const { session, tree } = opened;
    try {
      await session.refresh();
      const found = session.snapshot.report.applications.find(({ id }) => id === application);
      const report = found?.objects.find(({ kind, name }) => `${kind}/${name}` === object);
      const change = report?.changes.find((one) => one.path === path);
      if (found === undefined || report === undefined || change === undefined) throw new Error(`no ${object} ${path}`);
      const sides = session.objects(application, report);
      const delivered: Application = {
        ...{ id: found.id, name: found.name, engine: found.engine, foundIn: 'flux', source: found.source },
        ...{ destination: found.destination, gates: found.gates },
        ...(found.control === undefined ? {} : { control: found.control }),
      };
      const question = { application: delivered, key: report, segments: change.segments, ...sides };
      return await ignoreDifference(question, { tree, cluster: await this.cluster() });
    } finally {
      await opened.dispose();
    }
  }

  /** Objects of a source as the engine identifies them, each with its type in the cluster. */
  async targets(folder: string, options: CheckOptions): Promise<{ target: Target; node: SchemaNode }[]> {
    const cluster = await this.cluster(options.context);
    const schemas = new SchemaCache(cluster);
    const tree = await plainTree(folder);
    try {
      const applications = await findApplications(tree, options.below ?? '');
      const scope = { tree, renderers: this.#renderers, skipKinds: new Set<string>() };
      const found: { target: Target; node: SchemaNode }[] = [];
      for (const application of applications) {
        const { namespace = application.destination.namespace ?? 'default' } = options;
        const prepared = await prepareApplication(application, cluster, schemas, { ...scope, namespace });
        for (const target of prepared.targets) {
          found.push({ target, node: schemas.nodeFor(groupVersionKindOf(target.rendered.object)) });
        }
      }
      return found;
    } finally {
      await tree.dispose();
    }
  }

  dispose(): void {
    this.#clusters.reset();
  }

  async #open(folder: string): Promise<{ repository: GitRepository | undefined; tree: FileTree }> {
    const repository = await openRepository(folder, this.#runner).catch(() => undefined);
    return { repository, tree: repository?.workingTree() ?? (await plainTree(folder)) };
  }
}

/** The changes of an object, each as the table of design §2.1 names it. */
export function toldChanges(object: ObjectReport | undefined): string[] {
  return (object?.changes ?? []).map(
    ({ path, op, status, basis, cause, next }) => `${path} ${op} ${status} ${basis} ${cause} ${next}`,
  );
}

/** One finding as a line of text, for failures that people read. */
export function findingText(object: ObjectReport, change: FieldChange | undefined): string {
  const place = change?.location ?? object.location;
  const where = place === undefined ? '' : ` at ${place.file}:${String(place.line ?? '')}`;
  if (change === undefined) return `${object.status} ${describeKey(object)}${where}`;
  const values = `${JSON.stringify(change.desired)} -> ${JSON.stringify(change.live)}`;
  const who = change.managers.map(({ name, operation, subresource = '' }) => `${name}/${operation}/${subresource}`);
  const judged = `${change.status} ${change.op} by ${change.basis}, cause ${change.cause}, next ${change.next}`;
  return `${describeKey(object)} ${change.path}: ${values} (${judged}; ${who.join(', ')})${where} ${change.note ?? ''}`;
}

/**
 * Everything in a report that is not "as Git says": objects that are not synced, changes, ignored ones too, and problems. That an
 * aggregated API has no server behind it (kube-prometheus registers one whose Pods run nothing here) is left out.
 */
export function findings(report: DriftReport): string[] {
  const objects = report.applications.flatMap((application) => application.objects);
  return [
    ...objects
      .filter(({ status, changes }) => status !== 'synced' && changes.length === 0)
      .map((object) => findingText(object, undefined)),
    ...objects.flatMap((object) => object.changes.map((change) => findingText(object, change))),
    ...report.problems
      .filter(({ code }) => code !== 'discovery-incomplete')
      .map(({ severity, code, message }) => `${severity} ${code}: ${message}`),
  ];
}
