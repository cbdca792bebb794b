import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { findProgram, programCandidates } from '../../../../src/adapters/process/findProgram.ts';
import { installHint } from '../../../../src/adapters/process/installHints.ts';

describe('findProgram', () => {
  test('takes the first executable file of PATH', { skip: process.platform === 'win32' }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plumbline-test-'));
    try {
      for (const name of ['a', 'b', 'c', 'd']) await mkdir(join(folder, name));
      await writeFile(join(folder, 'a', 'tool'), '');
      await mkdir(join(folder, 'b', 'tool'));
      for (const name of ['c', 'd']) {
        await writeFile(join(folder, name, 'tool'), '');
        await chmod(join(folder, name, 'tool'), 0o755);
      }
      const path = ['a', 'b', 'c', 'd'].map((name) => join(folder, name)).join(':');
      assert.equal(await findProgram('tool', { path, platform: 'linux' }), join(folder, 'c', 'tool'));
      assert.equal(await findProgram('absent', { path, platform: 'linux' }), undefined);
      assert.equal(
        await findProgram(join(folder, 'd', 'tool'), { path: '', platform: 'linux' }),
        join(folder, 'd', 'tool'),
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('leaves out relative and empty entries of PATH', () => {
    const found = programCandidates('kubectl', { path: ':.:bin:/usr/bin', platform: 'linux' });
    assert.deepEqual(found, ['/usr/bin/kubectl']);
  });

  test('on Windows tries the programs of PATHEXT in its order, and no batch file', () => {
    const search = {
      path: 'C:\\bin;"C:\\Program Files\\x"',
      platform: 'win32',
      pathExtensions: '.EXE;.BAT;.CMD;.COM',
    } as const;
    assert.deepEqual(programCandidates('helm', search), [
      'C:\\bin\\helm.exe',
      'C:\\bin\\helm.com',
      'C:\\Program Files\\x\\helm.exe',
      'C:\\Program Files\\x\\helm.com',
    ]);
    assert.deepEqual(programCandidates('helm.exe', { ...search, path: 'C:\\bin' }), ['C:\\bin\\helm.exe']);
    assert.deepEqual(programCandidates('helm.cmd', search), []);
  });

  test('every program that Plumbline runs has a hint of its own', () => {
    for (const name of ['git', 'kustomize', 'kubectl', 'helm', 'flux']) assert.match(installHint(name), /https:\/\//);
    assert.match(installHint('/opt/other'), /Install other/);
  });
});
