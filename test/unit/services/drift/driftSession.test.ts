import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { DirectoryRenderer } from '../../../../src/adapters/directory/directoryRenderer.ts';
import { HelmRenderer } from '../../../../src/adapters/helm/helmRenderer.ts';
import { KustomizeRenderer } from '../../../../src/adapters/kustomize/kustomizeRenderer.ts';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import { apiVersionOf } from '../../../../src/core/kube/objectKey.ts';
import { readManifests } from '../../../../src/core/manifest/readManifests.ts';
import type { ObjectReport } from '../../../../src/core/report.ts';
import type { AccessQuestion } from '../../../../src/ports/cluster.ts';
import type { FileTree } from '../../../../src/ports/fileTree.ts';
import { silentLog } from '../../../../src/ports/log.ts';
import { SimulatedClusterPort } from '../../../../src/sandbox/simulatedClusterPort.ts';
import { CommitTimes } from '../../../../src/services/drift/commitTimes.ts';
import { DriftSession } from '../../../../src/services/drift/driftSession.ts';
import { type Files, withFiles, writeFiles } from '../../adapters/folderFixture.ts';

const configMap = (name: string, value = 'b', namespace = 'default'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\ndata:\n  a: ${value}\n`;
const secret = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: token\n  namespace: default\nstringData:\n  a: b\n';
const namespace = (name: string): string => `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n`;

/** The simulated cluster, and what was asked of it. */
class AskedCluster extends SimulatedClusterPort {
  readonly asked: string[] = [];

  override get(...args: Parameters<SimulatedClusterPort['get']>): ReturnType<SimulatedClusterPort['get']> {
    this.asked.push(`get ${args[0].resource} ${args[2]}`);
    return super.get(...args);
  }

  override watch(...args: Parameters<SimulatedClusterPort['watch']>): Promise<void> {
    this.asked.push(`watch ${args[0].resource} ${args[1].namespace ?? ''}`);
    return super.watch(...args);
  }

  /** What was asked since the last time, without Argo CD and Flux, which this cluster does not serve. */
  take(): string[] {
    return this.asked.splice(0).sort();
  }
}

interface World {
  session: DriftSession;
  cluster: AskedCluster;
  directory: string;
  listings: () => number;
  objects: () => Map<string, ObjectReport>;
  /** Applies manifests as kubectl does. */
  apply: (text: string) => Promise<void>;
  write: (files: Files) => Promise<void>;
}

async function withSession(
  files: Files,
  use: (world: World) => Promise<void>,
  denies: (question: AccessQuestion) => boolean = () => false,
): Promise<void> {
  await withFiles(files, async (tree, directory) => {
    const cluster = new AskedCluster({ controllers: [], denies });
    const apply = async (text: string): Promise<void> => {
      const { resources } = await cluster.discover();
      for (const { object } of readManifests(text, { profile: 'raw' }).documents) {
        const resource = resources.find((one) => one.kind === object.kind && apiVersionOf(one) === object.apiVersion);
        assert.ok(resource);
        await cluster.apply(resource, object, { fieldManager: 'kubectl', force: true });
      }
    };
    for (const text of Object.values(files)) await apply(String(text));
    let listings = 0;
    const counted: FileTree = {
      revision: tree.revision,
      directory: tree.directory,
      list: (below, signal) => {
        listings++;
        return tree.list(below, signal);
      },
      read: (path, signal) => tree.read(path, signal),
      fingerprint: (path) => tree.fingerprint(path),
      withheld: (path) => tree.withheld(path),
      dispose: () => tree.dispose(),
    };
    const runner = new SpawnRunner();
    const session = new DriftSession({
      context: cluster.context,
      clusters: {
        contexts: () => Promise.resolve({ contexts: [], problems: [], files: [] }),
        connect: () => Promise.resolve(cluster),
        reset: () => undefined,
      },
      tree: counted,
      repository: undefined,
      renderers: {
        directory: new DirectoryRenderer(),
        kustomize: new KustomizeRenderer(runner),
        helm: new HelmRenderer(runner),
      },
      commitTimes: new CommitTimes(undefined),
      settings: () => ({ secrets: 'compare', skipKinds: new Set(), applications: new Set() }),
      clock: { now: () => new Date() },
      log: silentLog,
    });
    cluster.take();
    try {
      await session.refresh();
      const objects = (): Map<string, ObjectReport> =>
        new Map(
          session.snapshot.report.applications
            .flatMap((application) => application.objects)
            .map((object) => [`${object.namespace}/${object.name}`, object]),
        );
      const write = async (changed: Files): Promise<void> => {
        await writeFiles(directory, changed);
        await session.filesChanged(Object.keys(changed));
      };
      await use({ session, cluster, directory, listings: () => listings, objects, apply, write });
    } finally {
      session.dispose();
    }
  });
}

const two = `${configMap('one')}---\n${configMap('two')}`;

describe('a session', () => {
  test('reports one object anew after one live event, and leaves the others as they were', async () => {
    await withSession({ 'app/a.yaml': two }, async ({ session, cluster, objects, apply }) => {
      const before = objects();
      assert.deepEqual(
        [...before.values()].map(({ status }) => status),
        ['synced', 'synced'],
      );
      const told = new Promise((resolve) => session.onDidChange(resolve));
      await apply(configMap('two', 'changed'));
      await told;
      assert.equal(objects().get('default/one'), before.get('default/one'));
      assert.notEqual(objects().get('default/two')?.status, 'synced');
      assert.equal(cluster.asked.filter((asked) => asked.startsWith('get')).length, 0);
    });
  });

  test('asks nobody for a keystroke, and reports the document that it is in', async () => {
    await withSession({ 'app/a.yaml': two, 'app/s.yaml': secret }, async (world) => {
      const { cluster, objects, listings, write } = world;
      assert.deepEqual(cluster.take(), ['get secrets token', 'watch configmaps default']);
      const [before, listed] = [objects(), listings()];
      await write({ 'app/a.yaml': `${configMap('one')}---\n${configMap('two', 'typed')}` });
      assert.equal(objects().get('default/one'), before.get('default/one'));
      assert.equal(objects().get('default/two')?.changes[0]?.desired, 'typed');
      assert.equal(objects().get('default/two')?.changes[0]?.location?.line, 15);
      assert.deepEqual(cluster.take(), []);
      assert.equal(listings(), listed);
    });
  });

  test('a line above moves the places of what did not change', async () => {
    await withSession({ 'app/a.yaml': two }, async ({ objects, write }) => {
      const changed = `${configMap('one')}---\n${configMap('two', 'typed')}`;
      await write({ 'app/a.yaml': changed });
      await write({ 'app/a.yaml': `# a comment\n${changed}` });
      assert.equal(objects().get('default/two')?.changes[0]?.location?.line, 16);
    });
  });

  test('a name that is typed is read by name, and never lists its kind anew', async () => {
    await withSession({ 'app/a.yaml': two }, async ({ cluster, objects, apply, write }) => {
      await apply(configMap('three'));
      cluster.take();
      for (const name of ['thr', 'thre', 'three']) await write({ 'app/a.yaml': `${two}---\n${configMap(name)}` });
      assert.deepEqual(cluster.take(), ['get configmaps thr', 'get configmaps thre', 'get configmaps three']);
      assert.equal(objects().get('default/three')?.status, 'synced');
      assert.deepEqual([...objects().keys()].sort(), ['default/one', 'default/three', 'default/two']);
      await write({ 'app/a.yaml': two });
      assert.deepEqual([...objects().keys()], ['default/one', 'default/two']);
    });
  });

  test('a file that is gone takes its objects with it', async () => {
    await withSession({ 'app/a.yaml': two, 'app/b.yaml': configMap('three') }, async (world) => {
      await rm(join(world.directory, 'app/b.yaml'));
      await world.session.filesChanged(['app/b.yaml']);
      assert.deepEqual([...world.objects().keys()], ['default/one', 'default/two']);
    });
  });

  const names = ['n1', 'n2', 'n3', 'n4'];
  const spread = {
    'app/a.yaml': [...names.map(namespace), ...names.map((name) => configMap('x', 'b', name))].join('---\n'),
  };

  test('watches a kind once over many namespaces', async () => {
    await withSession(spread, ({ cluster, objects }) => {
      assert.deepEqual(cluster.take(), ['watch configmaps ', 'watch namespaces ']);
      assert.deepEqual(new Set([...objects().values()].map(({ status }) => status)), new Set(['synced']));
      return Promise.resolve();
    });
  });

  test('watches them one by one where it may not, and reads by name what it may not even list', async () => {
    const mayNot = ({ resource, namespace: inside, verb }: AccessQuestion): boolean =>
      (resource === 'configmaps' && (inside === undefined || inside === 'n4') && verb !== 'patch') ||
      (resource === 'namespaces' && (verb === 'list' || verb === 'watch'));
    await withSession(
      spread,
      ({ session, cluster, objects }) => {
        const asked = cluster.take();
        assert.deepEqual(
          asked.filter((one) => one.startsWith('watch configmaps')),
          ['watch configmaps ', ...names.map((name) => `watch configmaps ${name}`)],
        );
        const statuses = Object.fromEntries([...objects()].map(([key, { status }]) => [key, status]));
        assert.deepEqual(statuses, {
          'n1/x': 'synced',
          'n2/x': 'synced',
          'n3/x': 'synced',
          'n4/x': 'unknown',
          ...Object.fromEntries(names.map((name) => [`/${name}`, 'synced'])),
        });
        const [problem, ...more] = session.snapshot.report.problems;
        assert.deepEqual(more, []);
        assert.equal(problem?.code, 'forbidden');
        assert.match(problem.message, /^ConfigMap n4\/x was not checked: You may not /);
        return Promise.resolve();
      },
      mayNot,
    );
  });
});
