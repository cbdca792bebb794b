import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { objectPath, type ApiClient } from './apiClient.ts';
import { freePort } from './ports.ts';
import {
  milliseconds,
  VisitFailed,
  type Artifact,
  type Condition,
  type GitRepositoryObject,
  type HelmChartObject,
  type SourceObject,
  type Visit,
} from './sourceObjects.ts';
import { visitGitRepository } from './visitGitRepository.ts';
import { visitHelmChart } from './visitHelmChart.ts';

/** Stands in for Flux's source-controller, which cannot be built: GitRepository, and HelmChart from a GitRepository. */
export interface SourceController {
  stop(): Promise<void>;
}

/** What is known of an object between two visits. */
interface Memory {
  generation: number;
  request: string | undefined;
  failures: number;
  /** Milliseconds since the epoch. */
  due: number;
}

const apiVersion = 'source.toolkit.fluxcd.io/v1';
const requestAnnotation = 'reconcile.fluxcd.io/requestedAt';
const pollInterval = 250;

/** Now as metav1.Time is written: in whole seconds. */
function timestamp(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Conditions after a visit; the time of one changes with its status alone. */
function conditions(
  object: SourceObject,
  changes: readonly Omit<Condition, 'lastTransitionTime' | 'observedGeneration'>[],
) {
  const before = object.status?.conditions ?? [];
  return changes.map((change): Condition => {
    const old = before.find(({ type }) => type === change.type);
    const time = old?.status === change.status ? old.lastTransitionTime : timestamp();
    return { ...change, lastTransitionTime: time, observedGeneration: object.metadata.generation };
  });
}

function afterFailure(object: SourceObject, error: unknown): object {
  const reason = error instanceof VisitFailed ? error.reason : 'Failed';
  const message = error instanceof Error ? error.message : String(error);
  // The artifact of before stays, and so does what is said about it; `observedGeneration` waits for a success.
  const stored = object.status?.conditions?.filter(({ type }) => type === 'ArtifactInStorage') ?? [];
  const changed = conditions(object, [
    { type: 'Ready', status: 'False', reason, message },
    { type: 'FetchFailed', status: 'True', reason, message },
  ]);
  return { conditions: [...changed, ...stored] };
}

function afterSuccess(object: SourceObject, visit: Visit, artifact: Artifact): object {
  return {
    ...visit.status,
    observedGeneration: object.metadata.generation,
    artifact,
    conditions: conditions(object, [
      { type: 'Ready', status: 'True', ...visit.ready },
      { type: 'ArtifactInStorage', status: 'True', ...visit.ready },
    ]),
  };
}

/**
 * Starts the stand-in: a loop over the objects, and a server for the artifacts. It visits an object when it is new or changed, on
 * request by annotation, when `spec.interval` has passed, and a chart also when its source has moved; never sooner, as that a push
 * alone changes nothing until then is part of what is tested.
 */
export async function startSourceController(
  api: ApiClient,
  root: string,
  environment: Readonly<Record<string, string>>,
): Promise<SourceController> {
  const address = `127.0.0.1:${String(await freePort())}`;
  const store = join(root, 'artifacts');
  await mkdir(store, { recursive: true });
  const memories = new Map<string, Memory>();
  const running = new Map<string, Promise<void>>();
  const stopping = new AbortController();

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://127.0.0.1').pathname;
    readFile(request.headers.host === address ? join(store, path) : '').then(
      (data) => response.end(data),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(Number(address.split(':')[1]), '127.0.0.1', resolve);
  });

  const keep = async (plural: string, { metadata }: SourceObject, { artifact }: Visit): Promise<Artifact> => {
    if (!('data' in artifact)) return artifact;
    const { file, revision, data } = artifact;
    const kind = plural === 'helmcharts' ? 'helmchart' : 'gitrepository';
    const path = `${kind}/${metadata.namespace}/${metadata.name}/${file}`;
    await mkdir(dirname(join(store, path)), { recursive: true });
    await writeFile(join(store, path), data);
    const digest = `sha256:${createHash('sha256').update(data).digest('hex')}`;
    const lastUpdateTime = timestamp();
    return { path, url: `http://${address}/${path}`, revision, digest, lastUpdateTime, size: data.length };
  };

  const visit = async (
    plural: string,
    object: SourceObject,
    memory: Memory,
    look: (signal: AbortSignal) => Promise<Visit>,
  ): Promise<void> => {
    const { name, namespace } = object.metadata;
    const interval = milliseconds(object.spec.interval);
    const limit = AbortSignal.timeout(milliseconds(object.spec.timeout ?? '60s'));
    let status: object;
    try {
      const seen = await look(AbortSignal.any([stopping.signal, limit]));
      status = afterSuccess(object, seen, await keep(plural, object, seen));
      memory.failures = 0;
      memory.due = Date.now() + interval;
    } catch (error) {
      status = afterFailure(object, error);
      memory.due = Date.now() + Math.min(interval, 1000 * 2 ** memory.failures++);
    }
    const handled = memory.request === undefined ? {} : { lastHandledReconcileAt: memory.request };
    const path = `${objectPath(apiVersion, plural, namespace, name)}/status?fieldManager=source-controller`;
    await api.send('PATCH', path, { status: { ...status, ...handled } }, 'application/merge-patch+json');
  };

  const consider = (
    plural: string,
    object: SourceObject,
    moved: boolean,
    look: (signal: AbortSignal) => Promise<Visit>,
  ): void => {
    const { uid, generation, annotations } = object.metadata;
    if (object.spec.suspend === true || running.has(uid)) return;
    const request = annotations?.[requestAnnotation];
    const memory = memories.get(uid) ?? { generation: 0, request: undefined, failures: 0, due: 0 };
    if (memory.generation === generation && memory.request === request && !moved && Date.now() < memory.due) return;
    memories.set(uid, Object.assign(memory, { generation, request }));
    const visiting = visit(plural, object, memory, look)
      // The API server is away or the object is gone: looked at again as if new.
      .catch(() => memories.delete(uid))
      .finally(() => running.delete(uid));
    running.set(
      uid,
      visiting.then(() => undefined),
    );
  };

  const list = async <T>(plural: string): Promise<T[]> => {
    const { items } = (await api.send('GET', objectPath(apiVersion, plural))) as { items: T[] };
    return items;
  };

  const round = async (): Promise<void> => {
    const repositories = await list<GitRepositoryObject>('gitrepositories');
    for (const object of repositories) {
      consider('gitrepositories', object, false, (signal) => visitGitRepository(object, root, signal));
    }
    for (const object of await list<HelmChartObject>('helmcharts')) {
      const { name, namespace } = { ...object.spec.sourceRef, namespace: object.metadata.namespace };
      const source = repositories.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
      const revision = source?.status?.artifact?.revision;
      const failing = memories.get(object.metadata.uid)?.failures ?? 0;
      const moved = failing === 0 && revision !== object.status?.observedSourceArtifactRevision;
      const look = (signal: AbortSignal): Promise<Visit> => visitHelmChart(object, source, root, environment, signal);
      consider('helmcharts', object, moved, look);
    }
  };

  const loop = (async () => {
    while (!stopping.signal.aborted) {
      await round().catch(() => undefined);
      await delay(pollInterval, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await loop;
      await Promise.allSettled(running.values());
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
