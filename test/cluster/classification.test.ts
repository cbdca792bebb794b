import assert from 'node:assert/strict';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clone } from '../rig/cluster/clone.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import { makeRemote } from '../rig/cluster/greeting.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { DriftCheck, toldChanges } from '../support/driftCheck.ts';
import { deployment } from '../support/loopManifests.ts';
import { patchLive } from '../support/patchLive.ts';

const options = { gitServer: true };

const settings = (values: Record<string, string>): string =>
  `apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: NAMESPACE
data:
${Object.entries(values)
  .map(([key, value]) => `  ${key}: ${value}\n`)
  .join('')}`;

/** Every line of the tables of design §2.1 for what kubectl applied, on a real API server. */
describe('who moved what kubectl applied', { skip: await skipReason(options) }, () => {
  let plane: ControlPlane;
  let clone: Clone;
  let check: DriftCheck;

  before(async () => {
    plane = await startControlPlane(options);
    ({ clone } = await makeRemote(plane));
    check = new DriftCheck(plane);
  });
  after(async () => {
    check.dispose();
    await plane.stop();
  });

  const write = (path: string, text: string): Promise<void> => writeFile(join(clone.folder, path), text);
  const patch = (resource: string, namespace: string, manager: string, body: unknown): Promise<string> =>
    patchLive(plane, resource, namespace, manager, body);

  for (const way of ['server-side', 'client-side'] as const) {
    const namespace = way;
    const isServerSide = way === 'server-side';
    const basis = isServerSide ? 'managed-fields' : 'last-applied';

    describe(`applied by kubectl, ${way}`, () => {
      const file = `${way}/settings.yaml`;
      const values = { agreed: 'same', git: 'one', cluster: 'one', both: 'one', gone: 'one', dropped: 'one' };
      const text = (changes: Record<string, string | undefined> = {}): string => {
        const merged: Record<string, string | undefined> = { ...values, ...changes };
        const kept = Object.entries(merged).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]));
        return settings(Object.fromEntries(kept) as Record<string, string>).replace('NAMESPACE', namespace);
      };
      const find = (folder = clone.folder) => check.find(folder, way, 'ConfigMap/settings');

      before(async () => {
        await plane.kubectl(['create', 'namespace', namespace]);
        await clone.commit({ [file]: text(), [`${way}/web.yaml`]: deployment(namespace) });
        // A commit and an apply in one second could not be told apart.
        await delay(1100);
        const apply = ['apply', '--filename', join(clone.folder, way)];
        await plane.kubectl(isServerSide ? [...apply, '--server-side', '--field-manager=kubectl'] : apply);
      });

      test('what is as Git says is no finding', async () => {
        assert.deepEqual(toldChanges(await find()), []);
        assert.equal((await find())?.status, 'synced');
      });

      test('Git moved: pending', async () => {
        await write(file, text({ git: 'two', fresh: 'one', dropped: undefined }));
        assert.deepEqual(toldChanges(await find()), [
          `data.dropped added pending ${basis} unknown kept`,
          `data.fresh removed pending ${basis} unknown kept`,
          `data.git changed pending ${basis} unknown kept`,
        ]);
        await write(file, text());
      });

      test('the cluster moved: drifted, whose line is older than the last apply', async () => {
        await patch('configmap/settings', namespace, 'kubectl-edit', { data: { cluster: 'two', gone: null } });
        await patch('configmap/settings', namespace, 'example-controller', { data: { both: 'three' } });
        const found = await find();
        assert.ok(found);
        assert.deepEqual(toldChanges(found), [
          `data.both changed drifted ${basis} controller kept`,
          `data.cluster changed drifted ${basis} edit kept`,
          `data.gone removed drifted ${basis} unknown kept`,
        ]);
        assert.deepEqual(
          found.changes.map(({ managers }) => managers.map((manager) => manager.name)),
          [['example-controller'], ['kubectl-edit'], []],
        );
        assert.equal(found.changes[2]?.note, 'removed, by whom unknown');
      });

      test('both moved: a conflict where the applied value is known, pending where only the younger line tells', async () => {
        await write(file, text({ both: 'two', gone: 'two' }));
        const expected = isServerSide
          ? [
              'data.both changed pending managed-fields controller kept',
              'data.gone removed pending managed-fields unknown kept',
            ]
          : [
              'data.both changed conflict last-applied controller kept',
              'data.gone removed conflict last-applied unknown kept',
            ];
        const found = toldChanges(await find());
        assert.deepEqual(found.filter((line) => /^data\.(both|gone)/.test(line)).sort(), expected.sort());
        await write(file, text());
      });

      test('the same in Git and in the cluster is no finding, whatever was applied', async () => {
        await write(file, text({ both: 'three', cluster: 'two', gone: undefined }));
        assert.deepEqual(toldChanges(await find()), []);
        await write(file, text());
      });

      if (isServerSide) {
        test('shared with another applier: pending', async () => {
          const shared = settings({ agreed: 'same' }).replace('NAMESPACE', namespace);
          const apply = ['apply', '--server-side', '--field-manager=other-team', '--filename', '-'];
          await plane.kubectl(apply, { input: shared });
          await write(file, text({ agreed: 'other' }));
          const found = await find();
          assert.ok(
            toldChanges(found).includes('data.agreed changed pending managed-fields controller kept'),
            String(toldChanges(found)),
          );
          await write(file, text({ agreed: undefined }));
          const dropped = (await find())?.changes.find((change) => change.path === 'data.agreed');
          assert.equal(dropped?.note, 'stays when Git drops it: also owned by other-team');
          await write(file, text());
        });

        test('without the time of a line nothing is guessed', async () => {
          const plain = join(plane.folder, 'plain');
          await cp(join(clone.folder, way), join(plain, way), { recursive: true });
          assert.deepEqual(toldChanges(await find(plain)), [
            'data.both changed undetermined managed-fields controller kept',
            'data.cluster changed undetermined managed-fields edit kept',
            'data.gone removed undetermined managed-fields unknown kept',
          ]);
        });
      }

      test('a default that Git declares now: pending, whoever set nothing', async () => {
        const web = `${way}/web.yaml`;
        await write(web, deployment(namespace).replace('spec:\n', 'spec:\n  revisionHistoryLimit: 2\n'));
        const cause = isServerSide ? 'default' : 'unknown';
        assert.deepEqual(toldChanges(await check.find(clone.folder, way, 'Deployment/web')), [
          `spec.revisionHistoryLimit changed pending ${basis} ${cause} kept`,
        ]);
        await write(web, deployment(namespace));
      });

      test('not declared: a person’s is listed as kept, a controller’s only counted', async () => {
        const labels = (name: string): unknown => ({ metadata: { labels: { [name]: 'x' } } });
        await patch('deployment/web', namespace, 'kubectl-label', labels('by-hand'));
        await patch('deployment/web', namespace, 'example-controller', labels('by-controller'));
        const found = await check.find(clone.folder, way, 'Deployment/web');
        assert.equal(found?.status, 'synced');
        assert.deepEqual(toldChanges(found), [`metadata.labels.by-hand added ignored ${basis} edit kept`]);
      });

      test('gone, and no inventory tells whether it ever was there', async () => {
        await plane.kubectl(['delete', 'deployment/web', '--namespace', namespace]);
        const found = await check.find(clone.folder, way, 'Deployment/web');
        assert.equal(found?.status, 'missing');
        assert.match(found.note ?? '', /undetermined/);
      });
    });
  }
});
