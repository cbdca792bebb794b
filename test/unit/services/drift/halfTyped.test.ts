import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { releaseSecretName } from '../../../../src/core/delivery/helm/release.ts';
import type { DriftSnapshot } from '../../../../src/services/drift/driftSession.ts';
import { type World, configMap, withSession } from './sessionWorld.ts';

/** A line of which only half is typed. */
const half = '  "b';
const live = [configMap('one'), configMap('two'), configMap('three')].join('---\n');
const edited = ['one', 'three'];
const files = { 'app/a.yaml': `${configMap('two')}---\n${configMap('one')}`, 'app/c.yaml': configMap('three') };
const overlaid = {
  'base/kustomization.yaml': 'resources:\n- map.yaml\n',
  'base/map.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\ndata:\n  a: b\n',
  'prod/kustomization.yaml': 'namespace: default\nresources:\n- ../base\n',
};

/** Commits all files of a folder. */
function commit(directory: string): void {
  const git = (...args: string[]): void => void execFileSync('git', ['-C', directory, ...args], { stdio: 'ignore' });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '.');
  git('-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '--quiet', '--message', 'One', '--allow-empty');
}

/** Objects as a view tells them: name, status, and the line of the first change. */
function told({ session }: World): string[] {
  return session.snapshot.report.applications.flatMap((application) =>
    application.objects.map(({ name, status, changes: [first] }) => {
      const { file, line } = first?.location ?? {};
      return `${application.id}: ${name} ${status}${file === undefined ? '' : ` ${file}:${String(line)}`}`;
    }),
  );
}

function keptOf({ session }: World): DriftSnapshot['kept'] {
  return session.snapshot.kept;
}

describe('while a line is half typed', () => {
  test('findings stay, and what is wrong is told at its place', async () => {
    await withSession(
      files,
      async (world) => {
        const { session, cluster, write } = world;
        const before = told(world);
        assert.deepEqual(before, [
          'app: one unknown app/a.yaml:15',
          'app: three unknown app/c.yaml:7',
          'app: two synced',
        ]);
        assert.equal(keptOf(world), undefined);
        cluster.take();
        const began = new Date().toISOString();
        await write({ 'app/a.yaml': `# above\n${files['app/a.yaml']}${half}` });
        assert.deepEqual(told(world), before);
        const { report } = session.snapshot;
        const source = keptOf(world)?.get('app');
        assert.ok(source !== undefined && source.since >= began, source?.since);
        assert.equal(source.reason.location?.file, 'app/a.yaml');
        assert.equal(source.reason.location.line, 17);
        assert.deepEqual([...source.files], ['app/a.yaml']);
        assert.deepEqual([...source.keys].sort(), ['/ConfigMap/default/one']);
        assert.ok(report.problems.some((problem) => problem.code === 'invalid-yaml'));
        const { synced, unknown, objects } = report.summary;
        assert.deepEqual({ synced, unknown, objects }, { synced: 1, unknown: 2, objects: 3 });

        await write({ 'app/a.yaml': `# above\n${files['app/a.yaml']}${half}c` });
        assert.equal(keptOf(world)?.get('app')?.since, source.since, 'since it began');
        await write({ 'app/a.yaml': `# above\n${files['app/a.yaml']}${half}": c\n` });
        assert.equal(keptOf(world), undefined);
        assert.deepEqual(session.snapshot.report.problems, []);
        assert.deepEqual(told(world), [
          'app: one unknown app/a.yaml:16',
          'app: three unknown app/c.yaml:7',
          'app: two synced',
        ]);
        assert.deepEqual(cluster.take(), [], 'the cluster is not asked for any of it');
      },
      { live, edited },
    );
  });

  test('what happens in the cluster is told all the same', async () => {
    await withSession(
      files,
      async (world) => {
        const { session, write, edit, objects } = world;
        await write({ 'app/a.yaml': `${files['app/a.yaml']}${half}` });
        const answered = new Promise((resolve) => session.onDidChange(resolve));
        await edit('one', 'again');
        await answered;
        const [change] = objects().get('default/one')?.changes ?? [];
        assert.equal(change?.live, 'again');
        assert.equal(change.location?.line, 15, 'where it stood when it could be read');
      },
      { live, edited },
    );
  });

  test('nobody says of what cannot be read that it is in sync', async () => {
    await withSession(files, async ({ session, write }) => {
      assert.equal(session.snapshot.report.summary.synced, 3);
      await write({ 'app/a.yaml': `apiVersion: v1\nkind: "C` });
      const kept = session.snapshot.report.summary;
      assert.deepEqual([kept.synced, kept.unknown, kept.objects], [1, 2, 3]);
    });
  });

  test('other files are read on', async () => {
    await withSession(
      files,
      async (world) => {
        await world.write({ 'app/a.yaml': `${files['app/a.yaml']}${half}` });
        await world.write({ 'app/c.yaml': `# above\n${files['app/c.yaml']}` });
        assert.ok(told(world).includes('app: three unknown app/c.yaml:8'));
        assert.ok(told(world).includes('app: one unknown app/a.yaml:15'));
        assert.deepEqual([...(keptOf(world)?.get('app')?.files ?? [])].sort(), ['app/a.yaml']);
      },
      { live, edited },
    );
  });

  test('an overlay keeps its base, whether its text is no YAML or names what is not there', async () => {
    await withSession(
      overlaid,
      async (world) => {
        const { session, write } = world;
        const before = told(world);
        assert.deepEqual(before, ['prod: one unknown base/map.yaml:6']);
        for (const text of ['"namesp', 'resources:\n- ../base\n  x: "', 'namespace: default\nresources:\n- ../ba\n']) {
          await write({ 'prod/kustomization.yaml': text });
          assert.deepEqual(told(world), before, text);
          assert.equal(keptOf(world)?.get('prod')?.reason.location?.file, 'prod/kustomization.yaml');
          const known = session.known('prod')?.prepared;
          assert.deepEqual([known?.rendered, known?.targets], [false, []], 'nobody plans what cannot be read');
        }
        await write({ 'prod/kustomization.yaml': overlaid['prod/kustomization.yaml'] });
        assert.equal(keptOf(world), undefined);
        assert.deepEqual(told(world), before);
        assert.deepEqual(session.known('prod')?.prepared.rendered, true);
      },
      { live, edited },
    );
  });

  test('a base that never was read is no application while the overlay names it', async () => {
    await withSession(
      { ...overlaid, 'prod/kustomization.yaml': 'resources:\n- ../base\n  x: "' },
      ({ session }) => {
        const { report, kept } = session.snapshot;
        assert.deepEqual(
          report.applications.map(({ id, objects }) => [id, objects.length]),
          [['prod', 0]],
        );
        assert.equal(kept, undefined);
        assert.deepEqual(
          [...new Set(report.problems.map(({ code, application }) => `${code} ${application ?? ''}`))],
          ['invalid-kustomization prod'],
        );
        return Promise.resolve();
      },
      { live, edited },
    );
  });

  test('what is gone is gone, and a new look at another commit shows what is there', async () => {
    await withSession(
      { ...files, 'alone/x.yaml': configMap('four') },
      async (world) => {
        const { session, write, directory } = world;
        await write({ 'app/a.yaml': `${files['app/a.yaml']}${half}`, 'alone/x.yaml': `${configMap('four')}${half}` });
        assert.deepEqual([...(keptOf(world)?.keys() ?? [])], ['alone', 'app']);
        await rm(join(directory, 'alone/x.yaml'));
        await session.filesChanged(['alone/x.yaml']);
        assert.deepEqual([...(keptOf(world)?.keys() ?? [])], ['app']);
        assert.ok(told(world).every((row) => row.startsWith('app:')));
        await session.refresh();
        assert.ok(keptOf(world)?.has('app') === true, 'a refresh reads the same files');
        commit(directory);
        await session.refresh();
        assert.equal(keptOf(world), undefined);
        assert.deepEqual(told(world), ['app: three unknown app/c.yaml:7', 'app: two synced']);
      },
      { live, edited, commit },
    );
  });

  test('what Helm has stored is not asked for again, and stays whatever its file says', async () => {
    const helmRelease = `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: web\n  namespace: default\nspec:\n  chart: {}\n`;
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'helmreleases.helm.toolkit.fluxcd.io' },
      spec: {
        group: 'helm.toolkit.fluxcd.io',
        names: { kind: 'HelmRelease', listKind: 'HelmReleaseList', plural: 'helmreleases', singular: 'helmrelease' },
        scope: 'Namespaced',
        versions: [
          {
            ...{ name: 'v2', served: true, storage: true },
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        ],
      },
    };
    const stored = gzipSync(
      JSON.stringify({ name: 'web', namespace: 'default', manifest: configMap('one'), config: {} }),
    );
    const release = Buffer.from(stored.toString('base64')).toString('base64');
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: releaseSecretName('web', 1), namespace: 'default' },
    };
    const history = [{ name: 'web', namespace: 'default', version: 1, status: 'deployed' }];
    const cluster = [
      JSON.stringify(definition),
      JSON.stringify({ ...secret, data: { release } }),
      configMap('one'),
      `${helmRelease}status: ${JSON.stringify({ storageNamespace: 'default', history })}\n`,
    ];
    await withSession(
      { 'apps/web.yaml': helmRelease },
      async (world) => {
        const shown = told(world);
        assert.deepEqual(shown.filter((row) => row.startsWith('flux:')).length, 1, shown.join('\n'));
        world.cluster.take();
        await world.write({ 'apps/web.yaml': `${helmRelease}  "ha` });
        assert.deepEqual(world.cluster.take(), []);
        assert.deepEqual(
          told(world).filter((row) => row.startsWith('flux:')),
          shown.filter((row) => row.startsWith('flux:')),
        );
      },
      { live: cluster, edited: ['one'], commit },
    );
  });
});
