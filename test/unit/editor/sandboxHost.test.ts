import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JoinedClusters } from '../../../src/editor/sessions/joinedClusters.ts';
import type { RunningSandbox } from '../../../src/editor/sessions/editorParts.ts';
import { SandboxHost } from '../../../src/editor/sessions/sandboxHost.ts';

const none: JoinedClusters = new JoinedClusters(
  {
    contexts: () => Promise.resolve({ contexts: [], problems: [], files: [] }),
    connect: () => Promise.reject(new Error('no cluster')),
    reset: () => undefined,
  },
  () => undefined,
);

/** A sandbox that takes its time to start and to end. */
function slow(): { sandbox: RunningSandbox; ended: () => boolean; times: () => number } {
  let isEnded = false;
  let times = 0;
  const dispose = async (): Promise<void> => {
    times++;
    await new Promise((resolve) => setTimeout(resolve, 20));
    isEnded = true;
  };
  return { sandbox: { context: 'sandbox', clusters: none, dispose }, ended: () => isEnded, times: () => times };
}

test('whoever waits for the end waits until the server is gone, also after another asked for it', async () => {
  const { sandbox, ended, times } = slow();
  const host = new SandboxHost(() => Promise.resolve(sandbox));
  await host.start();
  assert.equal(host.running, sandbox);
  host.dispose();
  assert.equal(host.running, undefined);
  await host.end();
  assert.ok(ended());
  assert.equal(times(), 1);
});

test('one that is still starting when the window closes is ended as well', async () => {
  const { sandbox, ended, times } = slow();
  const host = new SandboxHost(() => new Promise((resolve) => setTimeout(() => resolve(sandbox), 20)));
  const starting = host.start();
  await host.end();
  assert.ok(ended());
  await starting;
  assert.equal(host.running, undefined);
  assert.equal(times(), 1);
});

test('what could not start is tried again, and there is nothing to end', async () => {
  let attempts = 0;
  const host = new SandboxHost(() => Promise.reject(new Error(`attempt ${++attempts}`)));
  await assert.rejects(host.start(), /attempt 1/);
  await assert.rejects(host.start(), /attempt 2/);
  await host.end();
});
