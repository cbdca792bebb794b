import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DirectoryRenderer } from '../../../../src/adapters/directory/directoryRenderer.ts';
import { openRepository } from '../../../../src/adapters/git/localRepository.ts';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import type { ApiResource, Cluster } from '../../../../src/ports/cluster.ts';
import { ClusterError } from '../../../../src/ports/clusterError.ts';
import type { GitRepository } from '../../../../src/ports/gitRepository.ts';
import { silentLog } from '../../../../src/ports/log.ts';
import { SimulatedClusterPort } from '../../../../src/sandbox/simulatedClusterPort.ts';
import { CommitsSession } from '../../../../src/services/commits/commitsSession.ts';
import { CommitTimes } from '../../../../src/services/drift/commitTimes.ts';
import { DriftSession } from '../../../../src/services/drift/driftSession.ts';
import type { Renderers } from '../../../../src/services/drift/prepareComparison.ts';
import { syncApplication } from '../../../../src/services/sync/syncApplication.ts';
import { GitFixture } from '../../adapters/git/gitFixture.ts';
import { openScope } from '../actions/scopeFixture.ts';

const deployment = (image: string, app = 'web'): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  replicas: 2
  selector: {matchLabels: {app: ${app}}}
  template:
    metadata: {labels: {app: ${app}}}
    spec: {containers: [{name: web, image: "example.invalid/web:${image}"}]}
`;
const settings = (greeting: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: default}\ndata: {greeting: ${greeting}}\n`;

const renderers = { directory: new DirectoryRenderer() } as unknown as Renderers;
const clock = { now: () => new Date() };

/** The cluster, with what it is asked for by name. */
function counted(cluster: Cluster): { cluster: Cluster; asked: string[] } {
  const asked: string[] = [];
  const proxy = new Proxy(cluster, {
    get(target, name: keyof Cluster) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        const resource = args[0] as ApiResource | undefined;
        if (['get', 'list', 'watch', 'apply', 'patch', 'create', 'delete'].includes(name)) {
          asked.push(`${name} ${resource?.resource ?? ''}`);
        }
        return Reflect.apply(member, target, args);
      };
    },
  });
  return { cluster: proxy, asked };
}

async function eventually(what: string, isSo: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if (isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${what} did not happen`);
}

describe('the commits of one application, on a simulated cluster', () => {
  let fixture: GitFixture;
  let repository: GitRepository;
  let cluster: SimulatedClusterPort;
  let asked: string[];
  let drift: DriftSession;
  let session: CommitsSession;
  let image: string;
  let selector: string;
  const never = new AbortController().signal;

  /** A plan as its steps read: `configure Deployment web (server)`. */
  const planned = async (revision: string): Promise<string[]> => {
    const plan = await session.planOf(revision, never);
    assert.ok(plan?.state === 'ready', JSON.stringify(plan));
    return plan.plan.report.steps
      .filter((step) => step.action !== 'unchanged')
      .map((step) => [step.action, step.kind, step.name, `(${step.basis})`, ...step.reasons].join(' '));
  };
  const states = (): Record<string, string> =>
    Object.fromEntries([...(session.snapshot?.plans ?? [])].map(([revision, plan]) => [revision, plan.state]));
  const look = async (): Promise<void> => {
    session.historyChanged();
    await session.resume();
  };

  before(async () => {
    fixture = await GitFixture.create({ 'app/web.yaml': deployment('1'), 'app/settings.yaml': settings('hello') });
    repository = await openRepository(fixture.directory, new SpawnRunner());
    cluster = new SimulatedClusterPort();
    const scope = await openScope(repository.workingTree(), cluster, repository);
    const [prepared] = scope.prepared;
    assert.ok(prepared);
    const outcome = await syncApplication(prepared, scope, { wait: false, waitMilliseconds: 0 }, () => undefined);
    assert.equal(outcome.result, 'done');
    await fixture.write({ 'app/web.yaml': deployment('2') });
    image = await fixture.commitAll('Take image 2');
    await fixture.write({ 'app/web.yaml': deployment('2', 'shop') });
    selector = await fixture.commitAll('Select another app');
    await fixture.write({ 'app/settings.yaml': settings('goodbye') });

    const watched = counted(cluster);
    asked = watched.asked;
    drift = new DriftSession({
      context: cluster.context,
      clusters: {
        connect: () => Promise.resolve(watched.cluster),
        contexts: () => Promise.resolve({ contexts: [], problems: [], files: [] }),
        reset: () => undefined,
      },
      tree: repository.workingTree(),
      repository,
      renderers,
      commitTimes: new CommitTimes(repository),
      settings: () => ({ secrets: 'compare', skipKinds: new Set(), applications: new Set() }),
      clock,
      log: silentLog,
    });
    await drift.refresh();
    session = new CommitsSession({
      application: 'app',
      repository,
      known: () => drift.known('app'),
      tree: repository.workingTree(),
      unsaved: () => new Set(),
      settings: () => ({ renderers, skipKinds: new Set() }),
      clock,
      log: silentLog,
    });
    drift.onDidChange(() => session.findingsChanged());
    asked.length = 0;
    await session.resume();
  });
  after(async () => {
    session.dispose();
    drift.dispose();
    await repository.dispose();
    await fixture.remove();
  });

  test('each is planned after the ones before it, by the server as far as it can say', async () => {
    assert.deepEqual(await planned(image), ['configure Deployment web (server)']);
    assert.deepEqual(
      (await planned(selector)).map((step) => step.replace(/(Invalid value: ).*: /, '$1…: ')),
      ['blocked Deployment web (simulated) spec.selector: Invalid value: …: field is immutable'],
    );
    // The ConfigMap is as the cluster has it, whatever earlier commits did to the Deployment.
    assert.deepEqual(
      (await planned('worktree')).map((step) => step.slice(0, 40)),
      ['configure ConfigMap settings (server)', 'blocked Deployment web (simulated) spec.'],
    );
  });

  test('live objects are not read again: one look at the inventory, and dry runs', () => {
    const reads = asked.filter((request) => /^(get|list) /.test(request));
    // Secrets apart, all of it is watched; the inventory is its parent and its members of each kind.
    assert.deepEqual(new Set(reads), new Set(['get configmaps', 'list configmaps', 'list deployments']));
    assert.equal(reads.length, 3, reads.join());
    assert.deepEqual(
      asked.filter((request) => request.startsWith('watch ')),
      ['watch configmaps'],
    );
  });

  test('nothing is computed again while commits, live objects and files are the same', async () => {
    asked.length = 0;
    await look();
    await planned('worktree');
    assert.deepEqual(asked, []);
    const { resources } = await cluster.discover();
    const deployments = resources.find(({ resource }) => resource === 'deployments');
    assert.ok(deployments);
    const status = { status: { replicas: 2, observedGeneration: 1 } };
    await cluster.patch(deployments, 'default', 'web', status, { type: 'merge', subresource: 'status' });
    await eventually('the status', () => drift.snapshot.state === 'ready');
    await look();
    await planned('worktree');
    assert.deepEqual(asked, []);
  });

  test('what changes in the cluster is planned anew', async () => {
    asked.length = 0;
    const { resources } = await cluster.discover();
    const configMaps = resources.find(({ resource }) => resource === 'configmaps');
    assert.ok(configMaps);
    const patch = { data: { greeting: 'goodbye' } };
    await cluster.patch(configMaps, 'default', 'settings', patch, { type: 'merge', fieldManager: 'kubectl-edit' });
    await eventually('the dry runs', () => asked.some((request) => request.startsWith('apply ')));
    await eventually('the plan', () => Object.values(states()).every((state) => state === 'ready'));
    // The Deployment has not changed, so the server is asked about the ConfigMap alone.
    assert.deepEqual(
      asked.filter((request) => request.startsWith('apply ')),
      ['apply configmaps'],
    );
    // Applying what is applied would bring back what Git said, so the working tree has something to do after it.
    assert.deepEqual(
      (await planned('worktree')).map((step) => step.slice(0, 40)),
      ['configure ConfigMap settings (simulated)', 'blocked Deployment web (simulated) spec.'],
    );
  });

  test('an older commit is planned from what is live, when asked for', async () => {
    await session.loadOlder();
    assert.deepEqual(session.snapshot?.older, { commits: [], more: false });
  });

  test('what cannot be read is not planned, and nothing is foretold to be pruned for it', async () => {
    await fixture.write({ 'app/settings.yaml': `${settings('goodbye')}  "half` });
    await drift.filesChanged(['app/settings.yaml']);
    session.historyChanged();
    const plan = await session.planOf('worktree', never);
    assert.ok(plan?.state === 'failed', JSON.stringify(plan));
    assert.match(plan.message, /app\/settings\.yaml: .*not valid YAML/);
    await fixture.write({ 'app/settings.yaml': settings('goodbye') });
    await drift.filesChanged(['app/settings.yaml']);
    session.historyChanged();
    assert.ok((await planned('worktree')).some((step) => step.startsWith('configure ConfigMap settings')));
  });

  test('while it pauses nothing is asked', async () => {
    session.pause();
    asked.length = 0;
    session.historyChanged();
    session.findingsChanged();
    await session.refresh();
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.deepEqual(asked, []);
    await session.resume();
    assert.deepEqual(await planned(image), ['configure Deployment web (server)']);
  });

  test('a cluster that did not answer the first look is asked again by the next one', async () => {
    let failures = 1;
    const failing = new Proxy<Cluster>(cluster, {
      get(target, name: keyof Cluster) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]): unknown =>
          name === 'discover' && failures-- > 0
            ? Promise.reject(new ClusterError('unreachable', 'connection refused'))
            : Reflect.apply(member, target, args);
      },
    });
    const other = new CommitsSession({
      application: 'app',
      repository,
      known: () => {
        const known = drift.known('app');
        return known && { ...known, cluster: failing };
      },
      tree: repository.workingTree(),
      unsaved: () => new Set(),
      settings: () => ({ renderers, skipKinds: new Set() }),
      clock,
      log: silentLog,
    });
    await other.resume();
    assert.match(String(other.error), /connection refused/);
    await other.resume();
    assert.deepEqual([other.error, other.snapshot?.application.id], [undefined, 'app']);
    other.dispose();
  });
});
