import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { DriftReport } from '../../src/core/report.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { until } from '../rig/cluster/until.ts';
import { limitedNamespace } from '../rig/cluster/users.ts';
import { DriftCheck } from '../support/driftCheck.ts';

const options = { controllers: false };
const others = ['one', 'two', 'three', 'four'];

/** One ConfigMap in each of five namespaces, of which user `limited` may see one; a Secret, which `viewer` may not; a Namespace. */
const manifests = [
  ...[limitedNamespace, ...others].map(
    (namespace) => `apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: ${namespace}
data:
  level: info
`,
  ),
  `apiVersion: v1
kind: Secret
metadata:
  name: token
  namespace: ${limitedNamespace}
stringData:
  token: s3cr3t
`,
  `apiVersion: v1
kind: Namespace
metadata:
  name: ${limitedNamespace}
`,
].join('---\n');

describe('who may not see everything', { skip: await skipReason(options) }, () => {
  let plane: ControlPlane;
  let engine: DriftCheck;
  let folder: string;

  before(async () => {
    plane = await startControlPlane(options);
    engine = new DriftCheck(plane);
    folder = await mkdtemp(join(tmpdir(), 'plumbline-test-rights-'));
    for (const namespace of others) await plane.kubectl(['create', 'namespace', namespace]);
    await writeFile(join(folder, 'all.yaml'), manifests);
    await plane.kubectl(['apply', '-f', folder]);
  });
  after(async () => {
    engine.dispose();
    await plane.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const check = (context: string): Promise<DriftReport> => engine.check(folder, { context });

  test('a viewer learns of all but the Secret', async () => {
    const report = await check('viewer');
    assert.deepEqual(statuses(report), {
      ...Object.fromEntries([limitedNamespace, ...others].map((namespace) => [`ConfigMap ${namespace}`, 'synced'])),
      [`Secret ${limitedNamespace}`]: 'unknown',
      Namespace: 'synced',
    });
    const [problem, ...more] = report.problems.filter(({ severity }) => severity === 'error');
    assert.deepEqual(more, []);
    assert.equal(problem?.code, 'forbidden');
    assert.match(problem.message, /^Secret team\/token was not checked: /);
    assert.match(problem.remedy ?? '', /right/);
    assert.equal(problem.object?.kind, 'Secret');
    assert.equal(JSON.stringify(report).includes('s3cr3t'), false);
  });

  test('rights in one namespace are enough for what is in it', async () => {
    const report = await check('limited');
    assert.deepEqual(statuses(report), limitedStatuses('synced'));
    const forbidden = report.problems.filter(({ code }) => code === 'forbidden');
    assert.equal(forbidden.length, others.length, JSON.stringify(report.problems));
  });

  test('a session that may not watch all namespaces watches the one that it may', async () => {
    const opened = await engine.session(folder, { context: 'limited' });
    const { session } = opened;
    try {
      await session.refresh();
      assert.equal(session.snapshot.state, 'ready');
      assert.deepEqual(statuses(session.snapshot.report), limitedStatuses('synced'));
      await plane.api.send(
        'PATCH',
        `/api/v1/namespaces/${limitedNamespace}/configmaps/settings?fieldManager=kubectl-edit`,
        { data: { level: 'debug' } },
        'application/merge-patch+json',
      );
      await until('the watch tells of the edit', () =>
        Promise.resolve(statuses(session.snapshot.report)[`ConfigMap ${limitedNamespace}`] === 'drifted'),
      );
      assert.deepEqual(statuses(session.snapshot.report), limitedStatuses('drifted'));
    } finally {
      await opened.dispose();
    }
  });
});

function limitedStatuses(own: string): Record<string, string> {
  return {
    [`ConfigMap ${limitedNamespace}`]: own,
    ...Object.fromEntries(others.map((namespace) => [`ConfigMap ${namespace}`, 'unknown'])),
    [`Secret ${limitedNamespace}`]: 'synced',
    // A right within a namespace is one to get the namespace itself, though not to list or watch namespaces.
    Namespace: 'synced',
  };
}

function statuses(report: DriftReport): Record<string, string> {
  const objects = report.applications.flatMap((application) => application.objects);
  return Object.fromEntries(
    objects.map(({ kind, namespace, status }) => [namespace === '' ? kind : `${kind} ${namespace}`, status]),
  );
}
