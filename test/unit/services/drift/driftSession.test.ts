import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { AccessQuestion } from '../../../../src/ports/cluster.ts';
import { configMap, withSession } from './sessionWorld.ts';

const secret = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: token\n  namespace: default\nstringData:\n  a: b\n';
const namespace = (name: string): string => `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n`;

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

  test('a file that comes to a folder of manifests brings its objects', async () => {
    await withSession({ 'app/a.yaml': two }, async ({ objects, write }) => {
      await write({ 'app/b.yaml': configMap('three') });
      assert.deepEqual([...objects().keys()].sort(), ['default/one', 'default/three', 'default/two']);
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
      { denies: mayNot },
    );
  });
});
