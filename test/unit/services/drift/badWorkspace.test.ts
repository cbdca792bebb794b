import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { DirectoryRenderer } from '../../../../src/adapters/directory/directoryRenderer.ts';
import { HelmRenderer } from '../../../../src/adapters/helm/helmRenderer.ts';
import { KustomizeRenderer } from '../../../../src/adapters/kustomize/kustomizeRenderer.ts';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import type { DriftReport } from '../../../../src/core/report.ts';
import type { FileTree } from '../../../../src/ports/fileTree.ts';
import { SimulatedClusterPort } from '../../../../src/sandbox/simulatedClusterPort.ts';
import { findApplications } from '../../../../src/services/applications/findApplications.ts';
import { checkDrift } from '../../../../src/services/drift/checkDrift.ts';
import { CommitTimes } from '../../../../src/services/drift/commitTimes.ts';
import { type Files, withFiles } from '../../adapters/folderFixture.ts';

const configMap = (name: string, more = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: default\ndata:\n  a: b\n${more}`;

const many = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('');

const kustomization = (...resources: string[]): string =>
  `resources:\n${resources.map((path) => `- ${path}\n`).join('')}`;

interface Case {
  name: string;
  files: Files;
  /** A link that is made in addition: its path, and where it leads. */
  link?: [path: string, target: string];
  code: string;
  /** File and line, where there is one. */
  place: string | RegExp;
  message: RegExp;
}

const cases: Case[] = [
  {
    name: 'malformed YAML',
    files: { 'bad/x.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "x\n' },
    code: 'invalid-yaml',
    place: /^bad\/x.yaml:[45]$/,
    message: /^bad\/x.yaml: .*not valid YAML/,
  },
  {
    name: 'a tab that indents',
    files: { 'bad/x.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: x\n' },
    code: 'invalid-yaml',
    place: 'bad/x.yaml:4',
    message: /tab indents this line/,
  },
  {
    name: 'an alias bomb',
    files: {
      'bad/x.yaml': `apiVersion: v1\nkind: A\nmetadata: {name: x}\nm0: &m0 {x: 1}\n${many(40, (i) => `m${i + 1}: &m${i + 1} {<<: [*m${i}, *m${i}], k${i}: 1}\n`)}`,
    },
    code: 'alias-bomb',
    place: /^bad\/x.yaml:\d+$/,
    message: /expand to far more than it holds/,
  },
  {
    name: 'nesting 10,000 deep',
    files: {
      'bad/x.yaml': `apiVersion: v1\nkind: A\nmetadata: {name: x}\nx: ${'['.repeat(10_000)}${']'.repeat(10_000)}\n`,
    },
    code: 'too-deep',
    place: 'bad/x.yaml:4',
    message: /nested too deeply/,
  },
  {
    name: 'a file of 50 MB',
    files: { 'bad/x.yaml': configMap('x', `  big: |\n${`    ${'x'.repeat(95)}\n`.repeat(525_000)}`) },
    code: 'too-large',
    // It is not read, so there is no line.
    place: 'bad/x.yaml:',
    message: /bad\/x.yaml is larger than 50 MiB/,
  },
  {
    name: 'a key of a prototype',
    files: { 'bad/x.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n__proto__: {polluted: true}\n' },
    code: 'unsafe-key',
    place: 'bad/x.yaml:4',
    message: /__proto__ is not read/,
  },
  {
    name: 'a key that stands twice',
    files: { 'bad/x.yaml': configMap('ok2').replace('a: b', 'a: b\n  a: c') },
    code: 'duplicate-key',
    place: 'bad/x.yaml:8',
    message: /key a stands twice/,
  },
  {
    name: 'a binary file',
    files: { 'bad/x.yaml': Buffer.from('apiVersion: v1\nkind: ConfigMap\n\0\0') },
    code: 'not-text',
    place: 'bad/x.yaml:1',
    message: /bad\/x.yaml is not UTF-8 text/,
  },
  {
    name: 'Latin-1',
    files: { 'bad/x.yaml': Buffer.from('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: é}\n', 'latin1') },
    code: 'not-text',
    place: 'bad/x.yaml:1',
    message: /not UTF-8/,
  },
  {
    name: 'UTF-16 with its mark',
    files: { 'bad/x.yaml': Buffer.from(`\uFEFF${configMap('x')}`, 'utf16le') },
    code: 'not-text',
    place: 'bad/x.yaml:1',
    message: /not UTF-8/,
  },
  {
    name: 'a link out of the repository',
    files: {},
    link: ['bad/x.yaml', '/etc/hostname'],
    code: 'outside-repository',
    place: /^bad\/x.yaml:/,
    message: /bad\/x.yaml leads out of the repository/,
  },
  {
    name: 'a name that no object can have',
    files: { 'bad/x.yaml': configMap('a/b') },
    code: 'not-checked',
    // The cluster could not even be asked.
    place: ':',
    message: /ConfigMap default\/a\/b was not checked: .*cannot be the name/,
  },
  {
    name: 'a cycle of bases',
    files: { 'c/kustomization.yaml': kustomization('../d'), 'd/kustomization.yaml': kustomization('../c') },
    code: 'cycle',
    place: /^[cd]\/kustomization.yaml:2$/,
    message: /includes itself/,
  },
  {
    name: 'a base outside of the repository',
    files: { 'c/kustomization.yaml': kustomization('../../../etc') },
    code: 'outside-repository',
    place: 'c/kustomization.yaml:2',
    message: /is outside of the repository/,
  },
];

describe('a workspace with one bad source', () => {
  for (const { name, files, link, code, place, message } of cases) {
    test(`${name} is one clear problem with its place, and all else is compared`, async () => {
      const all: Files = { 'good/a.yaml': configMap('good'), 'bad/ok.yaml': configMap('ok'), ...files };
      const report = await withFiles(all, async (tree, directory) => {
        if (link !== undefined) await symlink(link[1], join(directory, link[0]));
        return check(tree);
      });
      const problem = report.problems.find((candidate) => candidate.code === code);
      assert.ok(problem, JSON.stringify(report.problems));
      const { file = '', line } = problem.location ?? {};
      const shown = `${file}:${line ?? ''}`;
      if (typeof place === 'string') assert.equal(shown, place);
      else assert.match(shown, place);
      assert.match(problem.message, message);
      const statuses = new Map(
        report.applications.flatMap((application) => application.objects).map((object) => [object.name, object.status]),
      );
      assert.equal(statuses.get('good'), 'synced');
      assert.equal(statuses.get('ok'), 'synced');
    });
  }

  test('CRLF and a byte order mark are nothing special', async () => {
    const files = {
      'good/a.yaml': `\uFEFF${configMap('good').replaceAll('\n', '\r\n')}`,
      'bad/ok.yaml': configMap('ok').replaceAll('\n', '\r\n'),
    };
    const report = await withFiles(files, (tree) => check(tree));
    assert.deepEqual(report.problems, []);
    assert.equal(report.summary.synced, 2);
  });

  test('a cycle is found however the bases are named, with no program at hand', async () => {
    const files: Files = { 'good/a.yaml': configMap('good') };
    for (let index = 0; index < 50; index++) {
      files[`ring/${index}/kustomization.yaml`] = kustomization(`../${(index + 1) % 50}`);
    }
    const report = await withFiles(files, (tree) => check(tree));
    assert.equal(report.summary.synced, 1);
    assert.deepEqual(
      report.problems.map(({ code }) => code),
      ['cycle'],
    );
  });
});

/** Compares a tree with a simulated cluster that holds what the good sources declare. */
async function check(tree: FileTree): Promise<DriftReport> {
  const cluster = new SimulatedClusterPort({ controllers: [] });
  const discovery = await cluster.discover();
  const resource = discovery.resources.find(({ kind }) => kind === 'ConfigMap');
  assert.ok(resource);
  for (const name of ['good', 'ok', 'ok2']) {
    const metadata = { name, namespace: 'default' };
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: name === 'ok2' ? 'c' : 'b' } };
    await cluster.apply(resource, object, { fieldManager: 'kubectl' });
  }
  // No program is to be found: what is wrong here shows before any is needed.
  const runner = new SpawnRunner({ environment: () => ({ PATH: '' }) });
  return checkDrift(
    {
      derived: await findApplications(tree, ''),
      below: '',
      contexts: [cluster.context],
      chosen: new Set(),
      tree,
      repository: undefined,
      renderers: {
        directory: new DirectoryRenderer(),
        kustomize: new KustomizeRenderer(runner),
        helm: new HelmRenderer(runner),
      },
      skipKinds: new Set(),
      secrets: 'compare',
      commitTimes: new CommitTimes(undefined),
    },
    {
      contexts: () => Promise.resolve({ contexts: [], problems: [], files: [] }),
      connect: () => Promise.resolve(cluster),
      reset: () => undefined,
    },
    { now: () => new Date() },
  );
}
