import assert from 'node:assert/strict';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { watchKubeconfig } from '../../../../src/adapters/kubernetes/watchKubeconfig.ts';
import { until } from '../../../rig/cluster/until.ts';
import { scratchFolder } from './fixture.ts';

/** Longer than the watcher waits for a file to lie still. */
const settled = 400;

function counted(
  t: TestContext,
  files: readonly string[],
): { next: (what: string) => Promise<void>; count: () => number } {
  let count = 0;
  let heard = 0;
  const watching = watchKubeconfig(files, () => (count += 1));
  t.after(() => watching.dispose());
  return {
    count: () => count,
    async next(what) {
      await until(what, () => Promise.resolve(count > heard), { timeout: 5_000, interval: 20 });
      await delay(settled);
      heard = count;
    },
  };
}

describe('watching the kubeconfig', () => {
  test('tells of a change, a replacement, a removal and a return, once each', async (t) => {
    const file = join(await scratchFolder(t), 'config');
    await writeFile(file, 'a');
    const watch = counted(t, [file]);
    // Without a pause between the steps of one change, which a watcher might fall into on a busy machine.
    writeFileSync(file, 'ab');
    writeFileSync(file, 'abc');
    await watch.next('the change');
    writeFileSync(`${file}.new`, 'abcd');
    renameSync(`${file}.new`, file);
    await watch.next('the replacement');
    rmSync(file);
    await watch.next('the removal');
    writeFileSync(file, 'back');
    await watch.next('the return');
    assert.equal(watch.count(), 4);
  });

  test('tells of a file whose folders do not exist yet', async (t) => {
    const file = join(await scratchFolder(t), 'home', '.kube', 'config');
    const watch = counted(t, [file]);
    await mkdir(dirname(dirname(file)));
    await delay(settled);
    await mkdir(dirname(file));
    await delay(settled);
    writeFileSync(file, 'first login');
    await watch.next('the file');
    assert.equal(watch.count(), 1);
  });

  test('follows a link to where the file is', async (t) => {
    const folder = await scratchFolder(t);
    await mkdir(join(folder, 'elsewhere'));
    const target = join(folder, 'elsewhere', 'config');
    await writeFile(target, 'a');
    await symlink(target, join(folder, 'config'));
    const watch = counted(t, [join(folder, 'config')]);
    await writeFile(target, 'changed');
    await watch.next('the change');
  });

  test('says nothing of other files, nor after it is disposed', async (t) => {
    const folder = await scratchFolder(t);
    const file = join(folder, 'config');
    await writeFile(file, 'a');
    let count = 0;
    const watching = watchKubeconfig([file], () => (count += 1));
    await writeFile(join(folder, 'cache'), 'much');
    await delay(settled);
    assert.equal(count, 0);
    watching.dispose();
    await writeFile(file, 'changed');
    await delay(settled);
    assert.equal(count, 0);
  });
});
