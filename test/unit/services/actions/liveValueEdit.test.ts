import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { plainTree } from '../../../../src/adapters/files/plainTree.ts';
import type { Json } from '../../../../src/core/json.ts';
import type { ObjectKey } from '../../../../src/core/kube/objectKey.ts';
import type { FileTree } from '../../../../src/ports/fileTree.ts';
import type { SimulatedClusterPort } from '../../../../src/sandbox/simulatedClusterPort.ts';
import { compareOne } from '../../../../src/services/actions/describeRestore.ts';
import { type LiveValueEdit, liveValueEdit } from '../../../../src/services/actions/liveValueEdit.ts';
import type { Refusal } from '../../../../src/services/sync/syncRefusal.ts';
import { type Files, withFiles } from '../../adapters/folderFixture.ts';
import { withoutHelm, withoutKubectl } from '../../adapters/tools.ts';
import { appliedCluster, edit, openScope } from './scopeFixture.ts';

/** Edits one live object, and asks for the edit of Git that makes one of its differences true. */
async function write(
  tree: FileTree,
  cluster: SimulatedClusterPort,
  find: (key: ObjectKey) => boolean,
  patch: Json,
  path: string,
  type: 'merge' | 'strategic' | 'json' = 'strategic',
): Promise<{ answer: LiveValueEdit | Refusal; text: string }> {
  const scope = await openScope(tree, cluster);
  const [prepared] = scope.prepared.filter(({ targets }) => targets.some(({ key }) => find(key)));
  const target = prepared?.targets.find(({ key }) => find(key));
  assert.ok(prepared !== undefined && target !== undefined, 'the object is rendered');
  await edit(cluster, target.key, patch, type);
  const { changes } = await compareOne(scope, prepared, target);
  const change = changes.find((item) => item.path === path);
  assert.ok(change, `${path} differs; what differs is ${changes.map((item) => item.path).join(', ')}`);
  const answer = await liveValueEdit(scope, prepared.application.id, target.key, change.segments);
  const bytes = answer.result === 'possible' ? await tree.read(answer.file) : undefined;
  return { answer, text: new TextDecoder().decode(bytes) };
}

/** The lines that an edit takes and gives. */
function lines({ answer, text }: { answer: LiveValueEdit | Refusal; text: string }): string[] {
  if (answer.result === 'refused') return [`refused: ${answer.reason}`];
  const [old, now] = [text.split('\n'), answer.newText.split('\n')];
  return [
    `${answer.file} ${answer.location.via}`,
    ...old.filter((line) => !now.includes(line)).map((line) => `- ${line.trim()}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line.trim()}`),
    ...answer.notes,
  ];
}

describe('writing a live value into a kustomization that uses everything', { skip: withoutKubectl }, () => {
  let folder: string;
  let tree: FileTree;
  let cluster: SimulatedClusterPort;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-test-'));
    await cp(new URL('../../../fixtures/kustomize/everything', import.meta.url), folder, { recursive: true });
    tree = await plainTree(folder);
    cluster = await appliedCluster(tree, ['prod']);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const container = (fields: Record<string, Json>): Json => ({
    spec: { template: { spec: { containers: [{ name: 'web', ...fields }] } } },
  });
  const inContainer = 'spec.template.spec.containers[name=web]';
  const cases: { name: string; kind: string; patch: Json; path: string; expected: (string | RegExp)[] }[] = [
    {
      name: 'the count of a component',
      kind: 'Deployment',
      patch: { spec: { replicas: 5 } },
      path: 'spec.replicas',
      expected: ['component/kustomization.yaml replica', '- count: 2', '+ count: 5'],
    },
    {
      name: 'the tag of an image, in its quotes',
      kind: 'Deployment',
      patch: container({ image: 'registry.example.com:5000/web:1.8' }),
      path: `${inContainer}.image`,
      expected: ['overlay/kustomization.yaml image', '- newTag: "1.7"', '+ newTag: "1.8"'],
    },
    {
      name: 'a tag instead of a tag and another name',
      kind: 'Deployment',
      patch: container({ image: 'mirror.example.com/web:2' }),
      path: `${inContainer}.image`,
      expected: [
        'overlay/kustomization.yaml image',
        '- newTag: "1.7"',
        '+ newTag: "2"',
        '+ newName: mirror.example.com/web',
      ],
    },
    {
      name: 'a strategic merge patch in a file',
      kind: 'Deployment',
      patch: container({ resources: { limits: { memory: '1Gi' } } }),
      path: `${inContainer}.resources.limits.memory`,
      expected: ['overlay/resources.yaml patch', '- memory: 512Mi', '+ memory: 1Gi'],
    },
    {
      name: 'a JSON patch inside of a kustomization',
      kind: 'Deployment',
      patch: { spec: { revisionHistoryLimit: 9 } },
      path: 'spec.revisionHistoryLimit',
      expected: ['overlay/kustomization.yaml patch', '- value: 3', '+ value: 9'],
    },
    {
      name: 'a strategic merge patch inside of a kustomization',
      kind: 'Deployment',
      patch: { spec: { template: { spec: { terminationGracePeriodSeconds: 90 } } } },
      path: 'spec.template.spec.terminationGracePeriodSeconds',
      expected: [
        'overlay/kustomization.yaml patch',
        '- terminationGracePeriodSeconds: 60',
        '+ terminationGracePeriodSeconds: 90',
      ],
    },
    {
      name: 'a variable of such a patch, which stays text',
      kind: 'Deployment',
      patch: container({ env: [{ name: 'EXTRA', value: '2' }] }),
      path: `${inContainer}.env[name=EXTRA].value`,
      expected: ['overlay/kustomization.yaml patch', '- value: "1"', '+ value: "2"'],
    },
    {
      name: 'a JSON patch in a JSON file',
      kind: 'Service',
      patch: { spec: { externalTrafficPolicy: 'Cluster' } },
      path: 'spec.externalTrafficPolicy',
      expected: ['overlay/ops.json patch', /^- .*"Local"/, /^\+ .*"Cluster"/],
    },
    {
      name: 'a transformer in a file of its own',
      kind: 'Deployment',
      patch: container({ imagePullPolicy: 'Never' }),
      path: `${inContainer}.imagePullPolicy`,
      expected: ['overlay/pull-policy.yaml patch', '- value: Always', '+ value: Never'],
    },
    {
      name: 'a component’s patch',
      kind: 'Deployment',
      patch: container({ readinessProbe: { periodSeconds: 11 } }),
      path: `${inContainer}.readinessProbe.periodSeconds`,
      expected: ['component/probe.yaml patch', '- periodSeconds: 7', '+ periodSeconds: 11'],
    },
    {
      name: 'a common label is everybody’s',
      kind: 'Service',
      patch: { metadata: { labels: { env: 'other' } } },
      path: 'metadata.labels.env',
      expected: [/^refused: the line sets a label on every object/],
    },
  ];
  for (const { name, kind, patch, path, expected } of cases) {
    test(name, async () => {
      const said = lines(await write(tree, cluster, (key) => key.kind === kind, patch, path));
      assert.equal(said.length, expected.length, said.join('\n'));
      for (const [index, line] of expected.entries()) {
        if (typeof line === 'string') assert.equal(said[index], line);
        else assert.match(said[index] ?? '', line);
      }
    });
  }

  const data = (find: string, field: string, value: string, expected: (string | RegExp)[]): void => {
    test(`${find}: ${field}`, async () => {
      const found = (key: ObjectKey): boolean => key.kind === 'ConfigMap' && key.name.startsWith(find);
      const path = /[.-]/.test(field) ? `data["${field}"]` : `data.${field}`;
      const said = lines(await write(tree, cluster, found, { data: { [field]: value } }, path, 'merge'));
      assert.equal(said.length, expected.length, said.join('\n'));
      for (const [index, line] of expected.entries()) {
        if (typeof line === 'string') assert.equal(said[index], line);
        else assert.match(said[index] ?? '', line);
      }
    });
  };
  const follows =
    /^ConfigMap prod\/shop-app-config-\w{10} becomes shop-app-config-\w{10}, and what refers to it follows\.$/;
  data('shop-app-config', 'LOG_LEVEL', 'warn', [
    'middle/kustomization.yaml generator',
    '- - LOG_LEVEL=debug',
    '+ - LOG_LEVEL=warn',
    follows,
  ]);
  data('shop-app-config', 'REGION', 'us', ['base/base.env generator', '- REGION=eu', '+ REGION=us', follows]);
  data('shop-app-config', 'app.properties', 'a=1\nb=3\n', ['base/app.properties generator', '- b=2', '+ b=3', follows]);
  data('shop-derived', 'fixed', 'moved', ['overlay/extra.yaml manifest', '- fixed: stays', '+ fixed: moved']);
  data('shop-derived', 'host', 'other', [
    /^refused: it would change ConfigMap prod\/shop-settings as well \(base\/settings\.json:5\)$/,
  ]);
  data('shop-settings', 'port', '5433', ['base/settings.json manifest', /"5432"/, /"5433"/]);
});

const manifest = (fields: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\n  namespace: default\n${fields}`;
const isOne = (key: ObjectKey): boolean => key.name === 'one';

async function inFolder(files: Files, patch: Json, path: string): Promise<string[]> {
  return withFiles(files, async (tree) =>
    lines(await write(tree, await appliedCluster(tree, []), isOne, patch, path, 'merge')),
  );
}

describe('writing a live value into manifests', () => {
  test('comments and quotes stay', async () => {
    const text = manifest("data: # all of it\n  a: 'old' # why\n  b: two\n");
    assert.deepEqual(await inFolder({ 'app/one.yaml': text }, { data: { a: 'new' } }, 'data.a'), [
      'app/one.yaml manifest',
      "- a: 'old' # why",
      "+ a: 'new' # why",
    ]);
  });

  test('what was removed from the cluster goes', async () => {
    assert.deepEqual(
      await inFolder({ 'app/one.yaml': manifest('data:\n  a: x\n  b: two\n') }, { data: { b: null } }, 'data.b'),
      ['app/one.yaml manifest', '- b: two'],
    );
  });

  test('an anchor is refused', async () => {
    const text = manifest('data:\n  a: &x old\n  b: *x\n');
    const [said] = await inFolder({ 'app/one.yaml': text }, { data: { a: 'new' } }, 'data.a');
    assert.match(said ?? '', /^refused: the value is shared by an anchor.*app\/one\.yaml:7/);
  });

  test('a Secret is refused, and no value is named', async () => {
    const text = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: one\n  namespace: default\nstringData:\n  a: old\n';
    await withFiles({ 'app/one.yaml': text }, async (tree) => {
      const cluster = await appliedCluster(tree, []);
      const scope = await openScope(tree, cluster);
      const target = scope.prepared[0]?.targets[0];
      assert.ok(target);
      const answer = await liveValueEdit(scope, target.application.id, target.key, [{ field: 'data' }, { field: 'a' }]);
      assert.equal(answer.result, 'refused');
      assert.match(answer.reason, /Secrets are not written/);
    });
  });

  test('a base that two overlays read is refused, and the other is named', { skip: withoutKubectl }, async () => {
    const overlay = (name: string): string => `namespace: ${name}\nresources:\n  - ../base\n`;
    const files = {
      'base/kustomization.yaml': 'resources:\n  - one.yaml\n',
      'base/one.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\ndata:\n  a: old\n',
      'prod/kustomization.yaml': overlay('prod'),
      'staging/kustomization.yaml': overlay('staging'),
    };
    await withFiles(files, async (tree) => {
      const inProd = (key: ObjectKey): boolean => key.namespace === 'prod';
      const said = lines(
        await write(
          tree,
          await appliedCluster(tree, ['prod', 'staging']),
          inProd,
          { data: { a: 'new' } },
          'data.a',
          'merge',
        ),
      );
      assert.deepEqual(said, ['refused: it would change staging as well: ConfigMap staging/one (base/one.yaml:6)']);
    });
  });

  test('the values of a chart', { skip: withoutHelm }, async () => {
    const files = {
      'chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 0.1.0\n',
      'chart/values.yaml': 'level: info # of the log\nimage:\n  tag: "1.0"\n',
      'chart/templates/one.yaml': manifest(
        'data:\n  a: {{ .Values.level }}\n  b: web:{{ .Values.image.tag }}\n  c: fixed\n',
      ),
    };
    assert.deepEqual(await inFolder(files, { data: { a: 'debug' } }, 'data.a'), [
      'chart/values.yaml values',
      '- level: info # of the log',
      '+ level: debug # of the log',
    ]);
    assert.deepEqual(await inFolder(files, { data: { b: 'web:1.1' } }, 'data.b'), [
      'chart/values.yaml values',
      '- tag: "1.0"',
      '+ tag: "1.1"',
    ]);
    assert.deepEqual(await inFolder(files, { data: { a: '{{ now }}' } }, 'data.a'), [
      'refused: the value cannot be written at chart/values.yaml:1 alone',
    ]);
    assert.match(
      (await inFolder(files, { data: { c: 'free' } }, 'data.c'))[0] ?? '',
      /^refused: a template of the chart/,
    );
  });
});
