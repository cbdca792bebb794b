import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Application } from '../../../../src/core/delivery/application.ts';
import { compareObject } from '../../../../src/core/drift/compareObject.ts';
import { argoIgnoreRules, fluxIgnoreRules, settingIgnoreRules } from '../../../../src/core/drift/readIgnoreRules.ts';
import type { IgnoreRule, JqPaths } from '../../../../src/core/drift/ignoreRule.ts';
import { type KubeObject, keyOf } from '../../../../src/core/kube/objectKey.ts';
import type { EngineName } from '../../../../src/core/report.ts';
import { readManifests } from '../../../../src/core/manifest/readManifests.ts';
import { objectNode } from '../../../../src/core/schema/schemaNode.ts';
import type { PathSegment } from '../../../../src/core/location.ts';
import { JqInWorker } from '../../../../src/adapters/jq/jqInWorker.ts';
import { type IgnoreProposal, ignoreDifference } from '../../../../src/services/ignore/ignoreDifference.ts';
import { type Files, withFiles } from '../../adapters/folderFixture.ts';

const desired: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web.one', namespace: 'shop', annotations: { 'a/b~c': '1' } },
  spec: {
    replicas: 3,
    template: {
      spec: {
        containers: [
          { name: 'x', image: 'x' },
          { name: 'web', image: 'web:1' },
        ],
      },
    },
  },
};
const live: KubeObject = {
  ...desired,
  metadata: { ...desired.metadata, annotations: { 'a/b~c': '2' } },
  spec: {
    replicas: 5,
    template: {
      spec: {
        containers: [
          { name: 'x', image: 'x' },
          { name: 'web', image: 'web:2' },
        ],
      },
    },
  },
};
const fields = (...names: string[]): PathSegment[] => names.map((field) => ({ field }));
const replicas = fields('spec', 'replicas');
const annotation = fields('metadata', 'annotations', 'a/b~c');
const image: PathSegment[] = [
  ...fields('spec', 'template', 'spec', 'containers'),
  { key: { name: 'web' } },
  { field: 'image' },
];

const application = (engine: EngineName): Application => ({
  id: `${engine}:flux-system/apps`,
  name: 'apps',
  engine,
  foundIn: engine === 'direct' ? 'derived' : engine,
  source: { kind: 'kustomize', path: 'apps' },
  destination: {},
  gates: [],
  ...(engine === 'direct' ? {} : { control: { context: 'c', namespace: 'flux-system', name: 'apps' } }),
});

const kustomization = [
  'apiVersion: v1',
  'kind: Namespace',
  'metadata:',
  '  name: shop',
  '---',
  'apiVersion: kustomize.toolkit.fluxcd.io/v1',
  'kind: Kustomization',
  'metadata:',
  '  name: apps # ours',
  '  namespace: flux-system',
  'spec:',
  '  path: ./apps',
  '  sourceRef: { kind: GitRepository, name: flux-system }',
  '',
].join('\n');
const argo = [
  'apiVersion: argoproj.io/v1alpha1',
  'kind: Application',
  'metadata: { name: apps, namespace: flux-system }',
  'spec:',
  '  source: { repoURL: x, path: apps }',
  '  ignoreDifferences:',
  '    # the autoscaler',
  '    - { kind: HorizontalPodAutoscaler, group: autoscaling, jsonPointers: [/spec/x] }',
  '',
].join('\n');

async function propose(engine: EngineName, files: Files, segments: readonly PathSegment[]): Promise<IgnoreProposal> {
  return withFiles(files, (tree) =>
    ignoreDifference({ application: application(engine), key: keyOf(desired), segments, desired, live }, { tree }),
  );
}

/** What is still a finding once the rules hold. */
function findings(engine: EngineName, ignore: readonly IgnoreRule[], jqPaths?: JqPaths): string[] {
  const { changes } = compareObject({
    ...{ desired, live, node: objectNode(), engine, ignore, hasInventory: true, inInventory: true },
    applied: { basis: 'revision', object: desired },
    applier: { managers: [], kind: 'unknown' },
    engineBehaviour: { takesOverKubectlEdits: false, selfHeal: false, suspended: false },
    secrets: 'compare',
    ...(jqPaths === undefined ? {} : { jqPaths }),
  });
  return changes.filter(({ status }) => status !== 'ignored').map(({ path }) => path);
}

function objectIn(text: string, kind: string): KubeObject {
  const { documents, problems } = readManifests(text, { profile: 'raw' });
  assert.deepEqual(problems, []);
  const found = documents.find(({ object }) => object.kind === kind);
  assert.ok(found);
  return found.object;
}

const all = findings('direct', []);

describe('ignoring a difference', () => {
  test('the three differences are there to begin with', () => {
    assert.equal(all.length, 3);
  });

  for (const [name, segments] of [
    ['a field', replicas],
    ['an odd key', annotation],
  ] as const) {
    test(`Flux: ${name} is ignored by a rule in the declared Kustomization, and nothing else`, async () => {
      const proposal = await propose('flux', { 'clusters/prod/apps.yaml': kustomization }, segments);
      assert.ok(proposal.kind === 'edit');
      assert.equal(proposal.file, 'clusters/prod/apps.yaml');
      assert.equal(proposal.place, 'spec.ignore of Kustomization flux-system/apps');
      assert.ok(proposal.after.startsWith(proposal.before.trimEnd().slice(0, 200)), 'what was there stays as it was');
      const rules = fluxIgnoreRules(objectIn(proposal.after, 'Kustomization'));
      assert.equal(findings('flux', rules).length, all.length - 1);
    });
  }

  test('Flux: a HelmRelease of the same name is another place', async () => {
    const release = kustomization
      .replace('kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization', 'helm.toolkit.fluxcd.io/v2\nkind: HelmRelease')
      .replace(/  sourceRef:.*/, '  chart: {}');
    const files = { 'apps.yaml': kustomization, 'release.yaml': release };
    const ofKustomization = await propose('flux', files, replicas);
    assert.deepEqual(ofKustomization.kind === 'edit' && ofKustomization.file, 'apps.yaml');
    const ofRelease = await withFiles(files, (tree) => {
      const source = { kind: 'helm', path: 'apps' } as const;
      const question = { application: { ...application('flux'), source }, key: keyOf(desired), segments: replicas };
      return ignoreDifference({ ...question, desired, live }, { tree });
    });
    assert.ok(ofRelease.kind === 'edit');
    assert.deepEqual(
      [ofRelease.file, ofRelease.place],
      ['release.yaml', 'spec.driftDetection.ignore of HelmRelease flux-system/apps'],
    );
  });

  test('Flux: an item of a list by its position', async () => {
    const proposal = await propose('flux', { 'apps.yaml': kustomization }, image);
    assert.ok(proposal.kind === 'edit');
    assert.deepEqual(proposal.rule, {
      paths: ['/spec/template/spec/containers/1/image'],
      target: { group: 'apps', kind: 'Deployment', name: 'web\\.one', namespace: 'shop' },
    });
  });

  test('Argo CD: an item of a list by jq, beside the rules that are there', async () => {
    const proposal = await propose('argocd', { 'app.yaml': argo }, image);
    assert.ok(proposal.kind === 'edit');
    assert.match(proposal.after, /# the autoscaler/);
    const rules = argoIgnoreRules(objectIn(proposal.after, 'Application'));
    assert.deepEqual(rules[1]?.jqPathExpressions, [
      '.spec.template.spec.containers[] | select(.name == "web") | .image',
    ]);
    const jq = new JqInWorker();
    const answer = await jq.paths(rules[1].jqPathExpressions[0] ?? '', live);
    jq.dispose();
    assert.ok('paths' in answer);
    assert.equal(findings('argocd', rules, () => answer.paths).length, all.length - 1);
  });

  test('Argo CD: a field by a pointer', async () => {
    const proposal = await propose('argocd', { 'app.yaml': argo }, annotation);
    assert.ok(proposal.kind === 'edit');
    const rules = argoIgnoreRules(objectIn(proposal.after, 'Application'));
    assert.equal(findings('argocd', rules).length, all.length - 1);
  });

  test('direct: by the setting', async () => {
    const proposal = await propose('direct', { 'apps.yaml': kustomization }, replicas);
    assert.ok(proposal.kind === 'setting');
    assert.equal(proposal.because, undefined);
    const { rules, problems } = settingIgnoreRules([proposal.rule]);
    assert.deepEqual(problems, []);
    assert.equal(findings('direct', rules).length, all.length - 1);
  });

  const elsewhere: [string, Files, RegExp][] = [
    ['declared nowhere', { 'other.yaml': argo }, /flux-system\/apps is declared in no file/],
    [
      'declared twice',
      { 'a.yaml': kustomization, 'b.yaml': kustomization },
      /declared in a\.yaml and in b\.yaml as well/,
    ],
    ['only a patch of it', { 'p.yaml': kustomization.replace(/ {2}sourceRef.*\n/, '') }, /declared in no file/],
    ['another namespace', { 'a.yaml': kustomization.replace('flux-system\n', 'other\n') }, /declared in no file/],
  ];
  for (const [name, files, because] of elsewhere) {
    test(`Flux, ${name}: by the setting, and why`, async () => {
      const proposal = await propose('flux', files, replicas);
      assert.ok(proposal.kind === 'setting');
      assert.match(proposal.because ?? '', because);
    });
  }

  test('a place that is on no side is refused', async () => {
    const proposal = await propose('direct', {}, fields('spec', 'nowhere'));
    assert.equal(proposal.kind, 'refused');
  });
});
