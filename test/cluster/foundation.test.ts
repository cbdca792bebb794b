import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { describeKey } from '../../src/core/kube/objectKey.ts';
import type { DriftReport, ObjectReport } from '../../src/core/report.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { runCli } from '../support/cli.ts';
import { corporaSkipReason, corpus } from '../support/corpora.ts';
import { type Way, deliverKustomization, ways } from '../support/deliver.ts';
import { DriftCheck, findings } from '../support/driftCheck.ts';
import { type WorkRepository, cloneBundle } from '../support/workRepository.ts';
import { type CorpusName, type Edit, base64, dev, edits, ownFiles, secrets } from './foundationEdits.ts';

const missing = await skipReason();
const skip = missing === false ? (corporaSkipReason('podinfo.bundle', 'kube-prometheus.bundle') ?? false) : missing;

type Repositories = Record<CorpusName, WorkRepository>;

function objectOf(report: DriftReport, key: string): ObjectReport {
  const found = report.applications.flatMap(({ objects }) => objects).filter((object) => describeKey(object) === key);
  assert.equal(found.length, 1, `${key} is there once`);
  return found[0] as ObjectReport;
}

async function lineAt(folder: string, location: { file: string; line?: number } | undefined): Promise<string> {
  assert.ok(location?.line !== undefined, 'a line is named');
  const lines = (await readFile(join(folder, location.file), 'utf8')).split('\n');
  return (lines[location.line - 1] ?? '').trim();
}

async function checkEdit(report: DriftReport, edit: Edit, folder: string, since: Date): Promise<void> {
  const object = objectOf(report, edit.object);
  assert.equal(object.status, edit.status);
  const expected = edit.change;
  if (expected === undefined) {
    assert.deepEqual(object.changes, []);
    assert.equal(object.location?.file, edit.file);
    assert.equal(await lineAt(folder, object.location), edit.line);
    return;
  }
  const change = object.changes.find(({ path }) => path === expected.path);
  assert.ok(change, `no change of ${expected.path} among ${object.changes.map(({ path }) => path).join(', ')}`);
  const { op, status, cause, managers, live, masked } = change;
  assert.deepEqual({ op, status, cause }, { op: expected.op, status: expected.status, cause: expected.cause });
  assert.deepEqual(live, expected.live);
  assert.equal(masked, expected.masked);
  const manager = managers.find(({ name }) => name === expected.manager);
  assert.equal(manager?.name, expected.manager);
  if (expected.timed === true) {
    const at = Date.parse(manager?.time ?? '');
    assert.ok(at >= since.getTime() - 1000 && at <= Date.now() + 1000, `time ${String(manager?.time)}`);
  } else assert.equal(manager?.time, undefined);
  assert.equal(change.location?.file, edit.file);
  if (edit.line !== '') assert.equal(await lineAt(folder, change.location), edit.line);
}

/** Every finding that no edit explains. */
function unexplained(report: DriftReport, name: CorpusName): string[] {
  const known = edits.filter((edit) => edit.in === name);
  const applications = report.applications.map((application) => ({
    ...application,
    objects: application.objects.flatMap((object) => {
      const own = known.filter((edit) => edit.object === describeKey(object));
      const isExplained = own.some((edit) => edit.change === undefined && edit.status === object.status);
      const changes = object.changes.filter((change) => !own.some((edit) => edit.change?.path === change.path));
      return isExplained || (changes.length === 0 && own.length > 0) ? [] : [{ ...object, changes }];
    }),
  }));
  return findings({ ...report, applications });
}

for (const way of ways) {
  describe(`kubectl apply, ${way}`, { skip }, () => {
    let plane: ControlPlane;
    let check: DriftCheck;
    const repositories = {} as Repositories;
    const folders = { podinfo: dev, prometheus: '' } as const;

    before(async () => {
      plane = await startControlPlane();
      check = new DriftCheck(plane);
      repositories.podinfo = await cloneBundle(corpus('podinfo.bundle'));
      repositories.prometheus = await cloneBundle(corpus('kube-prometheus.bundle'));
      await repositories.podinfo.commit(ownFiles, 'Decide values in the overlay of dev');
      await applyAll(plane, repositories, way);
    });
    after(async () => {
      check.dispose();
      await plane.stop();
      for (const repository of Object.values(repositories)) await repository.dispose();
    });

    const sources = [
      ['podinfo', 'kustomize', 3],
      ['podinfo', dev, 26],
      ['prometheus', '', 131],
    ] as const;
    for (const [name, below, count] of sources) {
      test(`nothing is found in ${name} ${below}`, async () => {
        const report = await check.check(repositories[name].folder, { below, namespace: 'podinfo' });
        assert.deepEqual(findings(report), []);
        assert.equal(report.summary.objects, count);
        assert.equal(report.summary.synced, count);
      });
    }

    test('each edit is found, on its object, field and line', async (t) => {
      const since = new Date();
      for (const { run } of edits) await plane.kubectl(run);
      const reports = {
        podinfo: await check.check(repositories.podinfo.folder, { below: folders.podinfo }),
        prometheus: await check.check(repositories.prometheus.folder),
      };
      for (const edit of edits) {
        await t.test(`${edit.object}: ${edit.what}`, () =>
          checkEdit(reports[edit.in], edit, repositories[edit.in].folder, since),
        );
      }
      await t.test('and nothing else', () => {
        assert.deepEqual(unexplained(reports.podinfo, 'podinfo'), []);
        assert.deepEqual(unexplained(reports.prometheus, 'prometheus'), []);
      });
      await t.test('no Secret value is in a report', () => {
        assertNoSecret(JSON.stringify(reports));
      });
    });

    for (const output of ['text', 'json'] as const) {
      test(`the command line prints it as ${output}, without a Secret value`, async () => {
        const { folder } = repositories.podinfo;
        const args = ['drift', join(folder, dev), '--context', 'admin', '--output', output];
        const result = await runCli([...args, '--kubeconfig', plane.kubeconfig], { environment: plane.environment });
        assert.equal(result.code, 1, result.stderr);
        assertNoSecret(result.stdout + result.stderr);
        if (output === 'json') {
          const report = JSON.parse(result.stdout) as DriftReport;
          assert.equal(objectOf(report, 'Deployment dev/cache').status, 'drifted');
          assert.deepEqual(unexplained(report, 'podinfo'), []);
        } else {
          assert.match(result.stdout, /Deployment.*cache/);
          assert.match(result.stdout, new RegExp(`${dev}/kustomization\\.yaml:\\d+`));
        }
      });
    }
  });
}

async function applyAll(plane: ControlPlane, repositories: Repositories, way: Way): Promise<void> {
  const { podinfo, prometheus } = repositories;
  await deliverKustomization(plane, join(podinfo.folder, 'kustomize'), { way, namespace: 'podinfo' });
  await deliverKustomization(plane, join(podinfo.folder, dev), { way });
  await deliverKustomization(plane, prometheus.folder, { way });
}

function assertNoSecret(text: string): void {
  const values = [...Object.values(secrets), 'resolve_timeout', 'InfoInhibitor'];
  for (const value of values) {
    assert.ok(!text.includes(value), `${value} is printed`);
    // A part of base64 that does not depend on what stands before or after it.
    const encoded = base64(value).replace(/=+$/, '').slice(0, -1);
    assert.ok(!text.includes(encoded), `${value} is printed in base64`);
  }
}
