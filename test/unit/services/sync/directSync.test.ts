import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import type { Json } from '../../../../src/core/json.ts';
import { nameOf, namespaceOf } from '../../../../src/core/kube/objectKey.ts';
import type { ApiResource } from '../../../../src/ports/cluster.ts';
import type { GitRepository } from '../../../../src/ports/gitRepository.ts';
import { SimulatedClusterPort } from '../../../../src/sandbox/simulatedClusterPort.ts';
import { syncApplication } from '../../../../src/services/sync/syncApplication.ts';
import type { SyncOutcome } from '../../../../src/services/sync/syncOutcome.ts';
import { withFiles } from '../../adapters/folderFixture.ts';
import { openScope } from '../actions/scopeFixture.ts';

const map = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  a: b\n`;

/** Of Git only what a direct apply asks. */
function repositoryAt(url?: string): GitRepository {
  const fake: Partial<GitRepository> = {
    remotes: () => Promise.resolve(url === undefined ? [] : [{ name: 'origin', url }]),
    head: () => Promise.resolve({ commit: '1'.repeat(40), branch: 'main' }),
    status: () => Promise.resolve({ files: [], branch: 'main' }),
  };
  return fake as GitRepository;
}

describe('what a direct apply prunes', () => {
  let cluster: SimulatedClusterPort;
  let configMaps: ApiResource;
  let denied: string | undefined;
  beforeEach(async () => {
    denied = undefined;
    cluster = new SimulatedClusterPort({ denies: ({ verb, resource }) => verb === 'list' && resource === denied });
    const { resources } = await cluster.discover();
    const served = (name: string): ApiResource => {
      const found = resources.find(({ group, kind }) => group === '' && kind === name);
      assert.ok(found);
      return found;
    };
    configMaps = served('ConfigMap');
    for (const name of ['staging', 'prod']) {
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
      await cluster.create(served('Namespace'), namespace);
    }
  });

  const names = async (): Promise<string[]> =>
    (await cluster.list(configMaps)).objects
      .map((object) => `${namespaceOf(object)}/${nameOf(object)}`)
      .filter((name) => !name.endsWith('kube-root-ca.crt'))
      .sort();

  /** Syncs a folder of a repository with pruning, and tells what its plan would have pruned. */
  async function sync(
    files: Record<string, string>,
    options: { url?: string; namespace?: string; application?: string } = {},
  ): Promise<{ outcome: SyncOutcome; foretold: string[]; problems: string[] }> {
    return withFiles(files, async (tree) => {
      const scope = await openScope(tree, cluster, repositoryAt(options.url), true, options.namespace);
      const { plans, problems } = await scope.preview();
      const prepared = scope.find(options.application ?? 'app');
      assert.ok(prepared);
      const outcome = await syncApplication(prepared, scope, { wait: false, waitMilliseconds: 0 }, () => undefined);
      const steps = plans.flatMap((plan) => plan.steps.filter(({ action }) => action === 'prune'));
      return { outcome, foretold: steps.map(({ name }) => name), problems: problems.map(({ message }) => message) };
    });
  }
  const done: SyncOutcome = { result: 'done', health: 'not-waited' };

  test('what it applied before and Git declares no more', async () => {
    await sync({ 'app/a.yaml': map('a'), 'app/b.yaml': map('b') });
    const { outcome, foretold } = await sync({ 'app/a.yaml': map('a') });
    assert.deepEqual([outcome, foretold], [done, ['b']]);
    assert.deepEqual(await names(), ['default/a', 'default/plumbline-app']);
  });

  test('nothing of another namespace that the same folder was applied to', async () => {
    await sync({ 'app/a.yaml': map('a') }, { namespace: 'staging' });
    const { outcome, foretold } = await sync({ 'app/b.yaml': map('b') }, { namespace: 'prod' });
    assert.deepEqual([outcome, foretold], [done, []]);
    const inventories = ['prod/plumbline-app', 'staging/plumbline-app'];
    assert.deepEqual(await names(), ['prod/b', inventories[0], 'staging/a', inventories[1]]);
  });

  test('nothing of another repository with a folder of the same name: it is refused, and neither is anything applied', async () => {
    await sync({ 'app/a.yaml': map('a') }, { url: 'git@example.com:shop/one.git' });
    const { outcome, foretold, problems } = await sync({ 'app/b.yaml': map('b') }, { url: 'https://example.com/two' });
    assert.equal(outcome.result, 'refused');
    assert.match(outcome.reason, /inventory default\/plumbline-app is that of example\.com\/shop\/one app/);
    assert.deepEqual(foretold, []);
    assert.match(problems.join(), /What app owns is not known/);
    assert.deepEqual(await names(), ['default/a', 'default/plumbline-app']);
    // The same repository by another URL is no other repository.
    const again = await sync({ 'app/c.yaml': map('c') }, { url: 'https://example.com/shop/one' });
    assert.deepEqual(again.outcome, done);
    assert.deepEqual(await names(), ['default/c', 'default/plumbline-app']);
  });

  test('nothing of another folder whose inventory would have the same name', async () => {
    await sync({ 'apps/web/a.yaml': map('a') }, { application: 'apps/web' });
    const { outcome } = await sync({ 'apps-web/b.yaml': map('b') }, { application: 'apps-web' });
    assert.equal(outcome.result, 'refused');
    assert.match(outcome.reason, /is that of apps\/web/);
    assert.deepEqual(await names(), ['default/a', 'default/plumbline-apps-web']);
  });

  test('nothing of a kind that may not be listed, which is said and not forgotten', async () => {
    const account = 'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n';
    await sync({ 'app/a.yaml': map('a'), 'app/b.yaml': map('b'), 'app/web.yaml': account });
    denied = 'serviceaccounts';
    const { outcome, foretold, problems } = await sync({ 'app/a.yaml': map('a') });
    assert.deepEqual([outcome, foretold], [done, ['b']]);
    assert.match(problems.join(), /What app owns of ServiceAccount is not known/);
    denied = undefined;
    assert.deepEqual((await sync({ 'app/a.yaml': map('a') })).foretold, ['web']);
  });

  test('a Secret, of which the inventory fetches no value', async () => {
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: login\nstringData:\n  password: hunter2\n';
    await sync({ 'app/a.yaml': map('a'), 'app/login.yaml': secret });
    const fetched: string[] = [];
    const list = cluster.list.bind(cluster);
    cluster.list = async (...asked) => {
      const answer = await list(...asked);
      fetched.push(...answer.objects.map((object) => JSON.stringify(object)));
      return answer;
    };
    const { outcome, foretold } = await sync({ 'app/a.yaml': map('a') });
    assert.deepEqual([outcome, foretold], [done, ['login']]);
    assert.ok(fetched.some((object) => object.includes('"login"')));
    assert.ok(!fetched.some((object) => object.includes(Buffer.from('hunter2').toString('base64'))));
  });

  test('nothing that Flux has taken over since', async () => {
    await sync({ 'app/a.yaml': map('a'), 'app/b.yaml': map('b') });
    const labels = {
      'kustomize.toolkit.fluxcd.io/name': 'shop',
      'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
    };
    await cluster.patch(configMaps, 'default', 'b', { metadata: { labels } }, { type: 'merge', fieldManager: 'x' });
    const { outcome, foretold } = await sync({ 'app/a.yaml': map('a') });
    assert.deepEqual([outcome, foretold], [done, []]);
    assert.deepEqual(await names(), ['default/a', 'default/b', 'default/plumbline-app']);
  });

  const meddled: { what: string; metadata: Record<string, Json>; reason: RegExp }[] = [
    { what: 'a ConfigMap that is no inventory', metadata: {}, reason: /it is no inventory/ },
    {
      what: 'a copy of the inventory of another namespace',
      metadata: {
        labels: { 'applyset.kubernetes.io/id': 'applyset-of-another-v1' },
        annotations: {
          'applyset.kubernetes.io/tooling': 'plumbline/1',
          'applyset.kubernetes.io/contains-group-kinds': 'ConfigMap',
        },
      },
      reason: /has the id of another one/,
    },
    {
      what: 'an ApplySet of kubectl',
      metadata: {
        labels: { 'applyset.kubernetes.io/id': 'x' },
        annotations: { 'applyset.kubernetes.io/tooling': 'kubectl/v1.35' },
      },
      reason: /belongs to kubectl\/v1\.35/,
    },
  ];
  for (const { what, metadata, reason } of meddled) {
    test(`nothing by ${what}`, async () => {
      const labels = { 'applyset.kubernetes.io/part-of': 'applyset-of-another-v1' };
      const inventory = { name: 'plumbline-app', namespace: 'default', ...metadata };
      await cluster.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: inventory });
      const other = { name: 'other', namespace: 'default', labels };
      await cluster.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: other });
      const { outcome, foretold } = await sync({ 'app/a.yaml': map('a') });
      assert.equal(outcome.result, 'refused');
      assert.match(outcome.reason, reason);
      assert.deepEqual(foretold, []);
      assert.deepEqual(await names(), ['default/other', 'default/plumbline-app']);
    });
  }
});
