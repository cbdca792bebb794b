import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { findBinary } from '../rig/cluster/binaries.ts';
import { startControlPlane } from '../rig/cluster/controlPlane.ts';
import { readPids } from '../rig/cluster/processFiles.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { until } from '../rig/cluster/until.ts';

const lives = (pid: number): boolean => existsSync(`/proc/${String(pid)}/cwd`);

/** Folders of sets that this process owns; other test files have theirs at the same time. */
function ownFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => {
    const owner = join(tmpdir(), name, 'owner');
    return name.startsWith('plumbline-cluster-') && existsSync(owner)
      ? readFileSync(owner, 'utf8').startsWith(`${String(process.pid)} `)
      : false;
  });
}

/** Another process that brings a bare API server up, once it is up. */
async function startElsewhere(): Promise<{ child: ChildProcess; folder: string; pids: number[] }> {
  const entry = join(import.meta.dirname, '../rig/cluster/up.ts');
  const child = spawn(process.execPath, [entry, '--bare'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const folder = dirname(/KUBECONFIG=(.*)/.exec(line.toString())?.[1] ?? '');
  return { child, folder, pids: [...readPids(folder).values()] };
}

describe('how a cluster of the rig ends', { skip: await skipReason({ controllers: false }) }, () => {
  test('stop leaves no process and no folder', async () => {
    const plane = await startControlPlane({ controllers: false });
    const pids = [...plane.pids.values()];
    assert.equal(pids.length, 2);
    for (const pid of pids) assert.equal(readlinkSync(`/proc/${String(pid)}/cwd`), plane.folder);
    await plane.stop();
    await plane.stop();
    assert.ok(!existsSync(plane.folder));
    assert.deepEqual(pids.filter(lives), []);
  });

  test('two sets side by side do not disturb each other', async () => {
    const planes = await Promise.all(['a', 'b'].map(() => startControlPlane({ controllers: false })));
    try {
      for (const [index, plane] of planes.entries()) {
        await plane.kubectl(['create', 'namespace', `only-${String(index)}`]);
      }
      for (const [index, plane] of planes.entries()) {
        const names = await plane.kubectl(['get', 'namespaces', '-o=name']);
        assert.deepEqual(names.match(/only-\d/g), [`only-${String(index)}`]);
      }
    } finally {
      await Promise.all(planes.map((plane) => plane.stop()));
    }
  });

  test('a signal to the owner ends what it started', async () => {
    const { child, folder, pids } = await startElsewhere();
    assert.equal(pids.filter(lives).length, 2);
    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number];
    assert.equal(code, 130);
    await until('the processes ended', () => Promise.resolve(!pids.some(lives)), { timeout: 5000 });
    assert.ok(!existsSync(folder));
  });

  test('what a killed owner left is ended by the next start', async () => {
    const { child, folder, pids } = await startElsewhere();
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(pids.filter(lives).length, 2);
    const plane = await startControlPlane({ controllers: false });
    await plane.stop();
    assert.deepEqual(pids.filter(lives), []);
    assert.ok(!existsSync(folder));
  });

  test('a failed start says why and leaves nothing', async () => {
    const assets = await mkdtemp(join(tmpdir(), 'rig-assets-'));
    const given = process.env.KUBEBUILDER_ASSETS;
    try {
      for (const name of ['etcd', 'kubectl']) await symlink((await findBinary(name)) ?? '', join(assets, name));
      const broken = join(assets, 'kube-apiserver');
      await writeFile(broken, '#!/bin/sh\necho no license to serve >&2\nexit 3\n');
      await chmod(broken, 0o755);
      process.env.KUBEBUILDER_ASSETS = assets;
      await assert.rejects(startControlPlane({ controllers: false }), /kube-apiserver ended .*no license to serve/s);
    } finally {
      if (given === undefined) delete process.env.KUBEBUILDER_ASSETS;
      else process.env.KUBEBUILDER_ASSETS = given;
      await rm(assets, { recursive: true });
    }
    assert.deepEqual(ownFolders(), []);
  });
});
