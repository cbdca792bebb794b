import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { withLastApplied } from '../../../src/core/apply/lastApplied.ts';
import { serverUpdate } from '../../../src/core/apply/serverUpdate.ts';
import type { KubeObject } from '../../../src/core/kube/objectKey.ts';
import { sandboxKinds } from '../../../src/sandbox/builtInTable.ts';
import type { Edit } from '../../support/campaign/expectation.ts';
import { replayTest } from '../../support/campaign/failureCase.ts';
import { operations } from '../../support/campaign/operations.ts';
import { type ReplayCase, replayed } from '../../support/campaign/replay.ts';
import { shrinkCase } from '../../support/campaign/shrinkCase.ts';

const node = sandboxKinds().find(({ kind }) => kind === 'Deployment')?.schema;

const desired: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', labels: { app: 'web', tier: 'front' }, annotations: { a: 'b' } },
  spec: {
    replicas: 3,
    minReadySeconds: 5,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [
          { name: 'web', image: 'web:1', env: [{ name: 'A', value: '1' }] },
          { name: 'side', image: 'side:1' },
        ],
      },
    },
  },
};

/** A person scaled it. */
function edit(personal: boolean): Edit {
  assert.ok(node);
  const by = { node, now: '2026-01-01T10:00:00Z' };
  const before = serverUpdate({ ...by, object: withLastApplied(desired), manager: 'kubectl-client-side-apply' });
  const object = { ...before, spec: { ...(before['spec'] as object), replicas: 5 } };
  const after = serverUpdate({ ...by, live: before, object, manager: 'kubectl-edit' });
  const operation = operations.find(({ name }) => name === 'edit');
  assert.ok(operation);
  const path = [{ field: 'spec' }, { field: 'replicas' }];
  return {
    candidate: { change: 'changed', type: 'scalar', path, place: ['spec'], after: object },
    // Whoever takes a person for a controller expects what the engine does not say.
    operation: { ...operation, person: personal },
    ...{ before, after, desired, node },
  };
}

describe('a failure of a campaign', () => {
  test('becomes a test of a few lines, which fails where it is pasted', () => {
    const text = replayTest(edit(false));
    assert.match(text, /^\/\/ cause of spec.replicas is edit, not controller/);
    for (const gone of ['containers', 'tier', 'minReadySeconds', 'selector'])
      assert.doesNotMatch(text, new RegExp(gone));
    assert.ok(text.length < 1500, `${text.length} characters`);
    assert.throws(() => paste(text), { code: 'ERR_ASSERTION' });
    paste(text.replace('"cause":"controller"', '"cause":"edit"'));
  });

  test('that does not show without a cluster says so', () => {
    assert.match(replayTest(edit(true)), /without the cluster: right/);
  });

  test('keeps what it takes to fail, wherever it stands', () => {
    const found: ReplayCase = { desired, live: { ...desired, status: { replicas: 3 } } };
    const holds = ({ desired: git, live }: ReplayCase): boolean =>
      JSON.stringify(git).includes('side:1') && JSON.stringify(live).includes('"tier"');
    const small = shrinkCase(found, holds);
    const { apiVersion, kind } = desired;
    const containers = [{ image: 'side:1' }];
    assert.deepEqual(small.desired['spec'], { template: { spec: { containers } } });
    assert.deepEqual(Object.keys(small.live['metadata']), ['name', 'labels']);
    assert.deepEqual([small.live.apiVersion, small.live.kind], [apiVersion, kind]);
  });
});

/** Runs a test that was written as text. */
function paste(text: string): void {
  const run = (_title: string, body: () => void): void => body();
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- what was written is to be proved to run
  const pasted = new Function('test', 'assert', 'replayed', text) as (...args: unknown[]) => void;
  pasted(run, assert, replayed);
}
