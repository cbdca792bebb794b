import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SourceFolders, deriveApplications } from '../../../src/services/applications/deriveApplications.ts';

function kustomization(path: string, uses: { folders?: string[]; files?: string[]; component?: true } = {}) {
  return {
    path,
    file: `${path}/kustomization.yaml`,
    component: uses.component === true,
    folders: uses.folders ?? [],
    files: uses.files ?? [],
  };
}

function chart(path: string, isLibrary = false) {
  return { path, file: `${path}/Chart.yaml`, isLibrary };
}

/** What is found → the applications as `kind id`. */
const cases: [string, Partial<SourceFolders>, string[]][] = [
  ['nothing', {}, []],
  [
    'overlays are applications, their base is not',
    {
      kustomizations: [
        kustomization('base'),
        kustomization('overlays/dev', { folders: ['base'] }),
        kustomization('overlays/prod', { folders: ['base'] }),
      ],
    },
    ['kustomize overlays/dev', 'kustomize overlays/prod'],
  ],
  [
    'of bases that use each other one is an application, so that the cycle is told',
    {
      kustomizations: [
        kustomization('b', { folders: ['c'] }),
        kustomization('c', { folders: ['b', 'base'] }),
        kustomization('base'),
        kustomization('self', { folders: ['self'] }),
      ],
    },
    ['kustomize b', 'kustomize self'],
  ],
  [
    'a cycle below an overlay is the overlay’s',
    {
      kustomizations: [
        kustomization('overlay', { folders: ['x'] }),
        kustomization('x', { folders: ['y'] }),
        kustomization('y', { folders: ['x'] }),
      ],
    },
    ['kustomize overlay'],
  ],
  [
    'a base that only a component uses is none',
    { kustomizations: [kustomization('part', { component: true, folders: ['base'] }), kustomization('base')] },
    [],
  ],
  ['a component is none', { kustomizations: [kustomization('parts/tls', { component: true })] }, []],
  [
    'a chart is one, its subcharts and libraries are not',
    { charts: [chart('charts/web'), chart('charts/web/charts/redis'), chart('charts/common', true)] },
    ['helm charts/web'],
  ],
  [
    'manifests that a kustomization uses are no application of their own',
    { kustomizations: [kustomization('app', { files: ['app/web.yaml'] })], manifests: ['app/web.yaml'] },
    ['kustomize app'],
  ],
  [
    'the topmost folder of loose manifests is one',
    { manifests: ['deploy/web.yaml', 'deploy/jobs/nightly.yaml', 'other/x.yaml'] },
    ['directory deploy', 'directory other'],
  ],
  [
    'a stray manifest at the root does not swallow the rest',
    { manifests: ['namespace.yaml', 'deploy/web.yaml'] },
    ['directory .', 'directory deploy'],
  ],
  [
    'templates of a chart are no manifests',
    { charts: [chart('web')], manifests: ['web/templates/x.yaml'] },
    ['helm web'],
  ],
  [
    'a patch beside a kustomization is none',
    { kustomizations: [kustomization('o')], manifests: ['o/p.yaml'] },
    ['kustomize o'],
  ],
];

for (const [name, found, expected] of cases) {
  test(name, () => {
    const applications = deriveApplications({ kustomizations: [], charts: [], manifests: [], ...found });
    assert.deepEqual(
      applications.map((application) => `${application.source.kind} ${application.id}`),
      expected,
    );
  });
}
