import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withFiles, writeFiles } from '../../adapters/folderFixture.ts';
import { appliedCluster, openScope } from '../actions/scopeFixture.ts';

const map = (name: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: default\ndata:\n  a: b\n`;

test('what a file declares that cannot be read is not foretold to be pruned; what is in no file any more is', async () => {
  await withFiles({ 'app/a.yaml': map('a'), 'app/b.yaml': map('b') }, async (tree, directory) => {
    const cluster = await appliedCluster(tree, []);
    const pruned = async (): Promise<string[]> => {
      const scope = await openScope(tree, cluster, undefined, true);
      const { plans } = await scope.preview();
      return plans.flatMap(({ steps }) => steps.filter(({ action }) => action === 'prune').map(({ name }) => name));
    };
    await writeFiles(directory, { 'app/b.yaml': `${map('b')}  "c` });
    assert.deepEqual(await pruned(), []);
    await writeFiles(directory, { 'app/b.yaml': '' });
    assert.deepEqual(await pruned(), ['b']);
  });
});
