import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../src/core/kube/objectKey.ts';
import { shownLive, shownSides, withFindingsApplied } from '../../../src/editor/documents/comparedSides.ts';
import { printYaml } from '../../../src/core/manifest/printYaml.ts';
import { addressOf, parseAddress } from '../../../src/editor/documents/manifestUri.ts';
import { change, segments } from './reportFixture.ts';

const live: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', labels: { app: 'd', extra: 'by hand' } },
  spec: {
    replicas: 5,
    progressDeadlineSeconds: 600,
    template: {
      spec: {
        containers: [
          { name: 'web', image: 'web:2', imagePullPolicy: 'Always' },
          { name: 'side', image: 's:1' },
        ],
      },
    },
  },
};
const desired: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', labels: { app: 'd' }, annotations: { note: 'x' } },
  spec: {
    replicas: 3,
    template: {
      spec: {
        containers: [
          { name: 'web', image: 'web:1' },
          { name: 'log', image: 'l:1' },
        ],
      },
    },
  },
};
const containers = ['spec', 'template', 'spec', 'containers'] as const;

test('the other side of a diff differs by the findings and by nothing else', () => {
  const before = structuredClone(live);
  const changes = [
    change(segments('spec', 'replicas')),
    change(segments(...containers, { name: 'web' }, 'image')),
    change(segments(...containers, { name: 'log' }), { op: 'removed' }),
    change(segments(...containers, { name: 'side' }), { op: 'added' }),
    change(segments('metadata', 'labels', 'extra'), { op: 'added' }),
    change(segments('metadata', 'annotations', 'note'), { op: 'removed' }),
  ];
  assert.deepEqual(withFindingsApplied(live, desired, changes), {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', labels: { app: 'd' }, annotations: { note: 'x' } },
    spec: {
      replicas: 3,
      progressDeadlineSeconds: 600,
      template: {
        spec: {
          containers: [
            { name: 'web', image: 'web:1', imagePullPolicy: 'Always' },
            { name: 'log', image: 'l:1' },
          ],
        },
      },
    },
  });
  assert.deepEqual(live, before, 'the arguments stay as they were');
});

test('a path named like the prototype changes no prototype', () => {
  const hostile = JSON.parse(
    '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"__proto__":{"evil":"yes"}}}',
  ) as KubeObject;
  withFindingsApplied(live, hostile, [change([{ field: 'data' }, { field: '__proto__' }, { field: 'evil' }])]);
  assert.equal(({} as Record<string, unknown>)['evil'], undefined);
});

const ref = {
  root: '/repo',
  context: 'arn:aws:eks:eu-1:1:cluster/prod',
  application: 'overlays/prod',
  key: { group: 'apps', kind: 'Deployment', namespace: 'web', name: 'shop' },
};

test('a document has its object in its address, and one folder per part of its path', () => {
  const address = addressOf('live', { ...ref, path: 'spec.replicas' });
  assert.equal(address.path, '/plumbline-manifest/arn:aws:eks:eu-1:1:cluster∕prod/web/Deployment shop (live)');
  assert.deepEqual(parseAddress(address.query), { side: 'live', ref });
  assert.equal(addressOf('git', { ...ref, key: { ...ref.key, namespace: '' } }).path.split('/')[3], 'cluster');
});

test('an address that is not ours is refused', () => {
  for (const query of [
    '',
    'x',
    '{}',
    '[]',
    'null',
    JSON.stringify({ side: 'live' }),
    JSON.stringify({ side: 'evil', ...ref }),
  ]) {
    assert.equal(parseAddress(query), undefined, query);
  }
});

test('what came from a Secret is shown nowhere, in whatever object it stands', () => {
  const object = (password: string): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd' },
    spec: { template: { spec: { containers: [{ name: 'web', env: [{ name: 'P', value: password }] }] } } },
  });
  const isTainted = (_: unknown, value: unknown): boolean => typeof value === 'string' && value.includes('hush');
  const sides = { live: object('hush-now'), desired: object('hush-then'), isTainted };
  const env = change(segments(...containers, { name: 'web' }, 'env', { name: 'P' }, 'value'), { masked: true });
  const { live: left, git } = shownSides(sides, [env]);
  for (const shown of [shownLive(sides), left, git]) {
    assert.ok(shown !== undefined);
    assert.doesNotMatch(printYaml(shown), /hush/);
    assert.match(printYaml(shown), /name: web/);
  }
  assert.notDeepEqual(left, git, 'that it differs shows');
});
