import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openRepository } from '../../../../src/adapters/git/localRepository.ts';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import type { Application } from '../../../../src/core/delivery/application.ts';
import { readDeclaredObjects } from '../../../../src/services/applications/declaredObjects.ts';
import { findDeclared } from '../../../../src/services/applications/findDelivered.ts';
import { corporaSkipReason, corpus } from '../../../support/corpora.ts';
import { type WorkRepository, cloneBundle, copyToRepository } from '../../../support/workRepository.ts';

const fluxExample = 'flux2-kustomize-helm-example.bundle';
const argoTestdata = 'argo-cd-testdata';

async function declaredIn(repository: WorkRepository): Promise<Application[]> {
  const opened = await openRepository(repository.folder, new SpawnRunner());
  const tree = opened.workingTree();
  try {
    return await findDeclared({ repository: opened, tree });
  } finally {
    await tree.dispose();
    await opened.dispose();
  }
}

const brief = ({ id, source, gates, declared }: Application): string =>
  `${id} ${source.kind} ${source.path} ${gates.map((gate) => gate.kind).join()} ${declared?.file ?? ''}`;

describe('what the Flux example declares', { skip: corporaSkipReason(fluxExample) ?? false }, () => {
  let repository: WorkRepository;
  before(async () => {
    repository = await cloneBundle(corpus(fluxExample));
  });
  after(() => repository.dispose());

  test('of 2023: both clusters, told apart by their files, from the source that bootstrap makes', async () => {
    await repository.git('checkout', '--quiet', '9a058e70a45951e3f7aad478df5459fcef1dd436');
    const found = (await declaredIn(repository)).map(brief);
    assert.deepEqual(
      found,
      ['production', 'staging'].flatMap((cluster) => [
        `flux:flux-system/apps#clusters/${cluster}/apps.yaml kustomize apps/${cluster} not-applied clusters/${cluster}/apps.yaml`,
        ...['controllers', 'configs'].map(
          (name) =>
            `flux:flux-system/infra-${name}#clusters/${cluster}/infrastructure.yaml kustomize infrastructure/${name} not-applied clusters/${cluster}/infrastructure.yaml`,
        ),
      ]),
    );
  });

  test('of today: sources that are put together in the cluster are not taken for this repository', async () => {
    await repository.git('checkout', '--quiet', 'main');
    assert.deepEqual(await declaredIn(repository), []);
  });
});

test(
  'templates of Applications, as the test data of Argo CD holds them, are none',
  {
    skip: corporaSkipReason(argoTestdata) ?? false,
  },
  async () => {
    const repository = await copyToRepository(corpus(argoTestdata), ['declarative-apps', 'guestbook', 'helm']);
    try {
      assert.deepEqual(await declaredIn(repository), []);
    } finally {
      await repository.dispose();
    }
  },
);

test('Applications of this repository, and of no other', async () => {
  const application = (name: string, url: string, path: string): string =>
    `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: ${name}, namespace: argocd}
spec: {source: {repoURL: '${url}', path: ${path}}, destination: {name: in-cluster, namespace: shop}}
`;
  const repository = await copyToRepository('', []);
  try {
    await repository.git('remote', 'add', 'origin', 'git@git.example:org/fleet.git');
    await repository.commit({
      'argocd/apps.yaml': [
        application('own', 'https://git.example/org/fleet', './apps/own'),
        application('other', 'https://git.example/org/other', 'apps/own'),
        application('outside', 'https://git.example/org/fleet', '../own'),
      ].join('---\n'),
      'apps/own/kustomization.yaml': 'resources: []\n',
    });
    const found = await declaredIn(repository);
    assert.deepEqual(found.map(brief), ['argocd:argocd/own kustomize apps/own not-applied argocd/apps.yaml']);
  } finally {
    await repository.dispose();
  }
});

test('templates of charts, tools’ folders and files that are no manifests declare nothing', async () => {
  const application = 'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\n';
  const repository = await copyToRepository('', []);
  try {
    await repository.commit({
      'chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 1.0.0\n',
      'chart/templates/app.yaml': application,
      '.github/app.yaml': application,
      'notes.txt': application,
      'broken.yaml': 'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: [\n',
      'app/two.yaml': `# first\n---\n${application}---\n${application.replace('name: x', 'name: z')}`,
    });
    const opened = await openRepository(repository.folder, new SpawnRunner());
    const tree = opened.workingTree();
    const declared = await readDeclaredObjects(tree, await tree.list());
    assert.deepEqual(
      declared.map(({ object, location }) => [object.metadata['name'], location.file, location.line]),
      [
        ['x', 'app/two.yaml', 3],
        ['z', 'app/two.yaml', 7],
      ],
    );
    await tree.dispose();
    await opened.dispose();
  } finally {
    await repository.dispose();
  }
});
