import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type TestContext, describe, test } from 'node:test';
import { contextConfig, summarizeContexts } from '../../../../src/adapters/kubernetes/kubeconfig.ts';
import { kubeconfigPaths, readKubeconfig } from '../../../../src/adapters/kubernetes/kubeconfigFiles.ts';
import { ClusterError } from '../../../../src/ports/clusterError.ts';
import { scratchFolder } from './fixture.ts';

const good = `apiVersion: v1
kind: Config
current-context: prod
clusters:
- name: c1
  cluster: {server: "https://one.example.com:6443/", certificate-authority: ca.crt}
contexts:
- name: prod
  context: {cluster: c1, user: u1, namespace: shop}
- name: stage
  context: {cluster: c1, user: u1}
users:
- name: u1
  user: {client-certificate: certs/u1.crt, client-key: certs/u1.key}
`;

async function read(t: TestContext, content: string | Uint8Array): ReturnType<typeof readKubeconfig> {
  const file = join(await scratchFolder(t), 'config');
  await writeFile(file, content);
  return readKubeconfig({ explicit: file, environment: {} });
}

describe('where kubeconfig files are', () => {
  const from = { home: '/home/jane', workingDirectory: '/place' };
  const paths = (environment: NodeJS.ProcessEnv, explicit?: string): string[] =>
    kubeconfigPaths({ ...from, environment, ...(explicit === undefined ? {} : { explicit }) });

  test('the default, KUBECONFIG with several files, and an explicit one', () => {
    assert.deepEqual(paths({}), ['/home/jane/.kube/config']);
    assert.deepEqual(paths({ KUBECONFIG: '' }), ['/home/jane/.kube/config']);
    const named = ['/a/config', 'b/config', '', '/a/config'].join(delimiter);
    assert.deepEqual(paths({ KUBECONFIG: named }), ['/a/config', '/place/b/config']);
    assert.deepEqual(paths({ KUBECONFIG: named }, 'c'), ['/place/c']);
    assert.deepEqual(paths({}, '~/.kube/other'), ['/home/jane/.kube/other']);
  });
});

describe('reading kubeconfig files', () => {
  test('lists contexts without losing anything of them', async (t) => {
    const kubeconfig = await read(t, good);
    assert.deepEqual(kubeconfig.problems, []);
    const server = 'https://one.example.com:6443/';
    assert.deepEqual(summarizeContexts(kubeconfig), [
      { name: 'prod', server, cluster: 'c1', user: 'u1', namespace: 'shop', current: true },
      { name: 'stage', server, cluster: 'c1', user: 'u1', current: false },
    ]);
  });

  test('of several files the first to name something counts, and a missing one is passed over', async (t) => {
    const folder = await scratchFolder(t);
    const [one, two, none] = ['one', 'two', 'none'].map((name) => join(folder, name)) as [string, string, string];
    await writeFile(one, good);
    await writeFile(
      two,
      good
        .replace('one.example.com', 'two.example.com')
        .replace('name: stage', 'name: extra')
        .replace(': prod', ': extra'),
    );
    const kubeconfig = await readKubeconfig({ environment: { KUBECONFIG: [none, one, two].join(delimiter) } });
    assert.deepEqual([...kubeconfig.contexts.keys()], ['prod', 'stage', 'extra']);
    assert.equal(kubeconfig.currentContext, 'prod');
    assert.equal(contextConfig(kubeconfig, 'extra').server, 'https://one.example.com:6443');
    assert.deepEqual(kubeconfig.problems, []);
  });

  test('relative paths start from the file that names them', async (t) => {
    const folder = await scratchFolder(t);
    await mkdir(join(folder, 'deep'));
    const file = join(folder, 'deep', 'config');
    await writeFile(file, good);
    const config = contextConfig(await readKubeconfig({ explicit: file, environment: {} }), 'prod');
    assert.equal(config.cluster['certificate-authority'], join(folder, 'deep', 'ca.crt'));
    assert.equal(config.user['client-key'], join(folder, 'deep', 'certs', 'u1.key'));
  });

  test('reading leaves the file as it is', async (t) => {
    const file = join(await scratchFolder(t), 'config');
    await writeFile(file, good);
    await readKubeconfig({ explicit: file, environment: {} });
    assert.equal(await readFile(file, 'utf8'), good);
  });

  test('no file at all is one problem with what to do', async (t) => {
    const home = await scratchFolder(t);
    const kubeconfig = await readKubeconfig({ environment: {}, home });
    assert.deepEqual(
      kubeconfig.problems.map(({ code }) => code),
      ['no-kubeconfig'],
    );
    assert.throws(
      () => contextConfig(kubeconfig, 'any'),
      (error) => ClusterError.is(error, 'no-kubeconfig') && error.remedy !== undefined,
    );
  });

  test('an unknown context is answered with those that there are', async (t) => {
    const kubeconfig = await read(t, good);
    assert.throws(
      () => contextConfig(kubeconfig, 'prd'),
      (error) => ClusterError.is(error, 'unknown-context') && error.remedy === 'Choose one of: prod, stage.',
    );
  });
});

const letters = 'abcdefghi';
const bomb = Array.from(letters, (letter, index) => {
  const item = index === 0 ? 'x' : `*${letters.charAt(index - 1)}`;
  return `${letter}: &${letter} [${Array(10).fill(item).join(', ')}]`;
}).join('\n');

/** What is in the file, the line of the problem, what its message says, contexts that are still there. */
const broken: [string, string | Uint8Array, number | undefined, RegExp, string[]][] = [
  ['YAML that is none', 'contexts: [\n  {name: a', 2, /not valid YAML/, []],
  ['a tab as indentation', 'contexts:\n\t- name: a\n', 2, /not valid YAML/, []],
  ['a list', '- a\n- b\n', 1, /mapping with contexts/, []],
  ['plain text', 'hello', 1, /mapping with contexts/, []],
  ['a manifest', 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n', 1, /no contexts, clusters or users/, []],
  ['an alias bomb', `${bomb}\ncontexts: *i\n`, 1, /aliases/, []],
  ['bytes', new Uint8Array([0x80, 0x81, 0xff, 0x00]), undefined, /not UTF-8/, []],
  ['UTF-16, as PowerShell writes it', Buffer.from(`\ufeff${good}`, 'utf16le'), undefined, /UTF-16/, []],
  [
    'contexts that are no list',
    'contexts: {a: b}\nclusters: []\nusers: []\nkind: Config\n',
    1,
    /contexts is not a list/,
    [],
  ],
  [
    'an entry without a name',
    good.replace('- name: stage\n ', '- nam: stage\n '),
    10,
    /contexts\[1\] has no name/,
    ['prod'],
  ],
  [
    'an entry that is a text',
    good.replace('contexts:\n', 'contexts:\n- hello\n'),
    8,
    /contexts\[0\] has no name/,
    ['prod', 'stage'],
  ],
  [
    'a context without a body',
    good.replace('  context: {cluster: c1, user: u1}', '  context:'),
    10,
    /contexts\[1\] has no context/,
    ['prod'],
  ],
  [
    'a context with an unknown cluster',
    good.replace('{cluster: c1, user: u1}', '{cluster: c2, user: u1}'),
    10,
    /context stage names cluster "c2"/,
    ['prod', 'stage'],
  ],
];

describe('kubeconfig files that are broken', () => {
  for (const [what, content, line, message, contexts] of broken) {
    test(what, async (t) => {
      const kubeconfig = await read(t, content);
      const [problem] = kubeconfig.problems;
      assert.ok(problem, 'there is a problem');
      assert.equal(problem.code, 'invalid-kubeconfig');
      assert.match(problem.message, message);
      assert.ok(problem.message.includes(kubeconfig.files[0] ?? '-'), 'it names the file');
      assert.equal(problem.location?.line, line);
      assert.deepEqual([...kubeconfig.contexts.keys()], contexts);
    });
  }

  test('a broken file costs nothing of the others', async (t) => {
    const folder = await scratchFolder(t);
    await writeFile(join(folder, 'bad'), 'contexts: [');
    await writeFile(join(folder, 'good'), good);
    const files = [join(folder, 'bad'), folder, join(folder, 'good')];
    const kubeconfig = await readKubeconfig({ environment: { KUBECONFIG: files.join(delimiter) } });
    assert.deepEqual([...kubeconfig.contexts.keys()], ['prod', 'stage']);
    assert.deepEqual(
      kubeconfig.problems.map(({ location }) => location?.file),
      [files[0], folder],
    );
  });

  test('harmless oddities are no problem: empty, only comments, BOM, CRLF, repeated keys, numbers as names', async (t) => {
    for (const content of ['', '# nothing\n', 'kind: Config\ncontexts: []\n', 'contexts: null\nkind: Config\n']) {
      assert.deepEqual((await read(t, content)).problems, [], JSON.stringify(content));
    }
    for (const content of [
      `\ufeff${good}`,
      good.replaceAll('\n', '\r\n'),
      good.replace('kind: Config', 'kind: Config\nkind: Config'),
    ]) {
      assert.equal((await read(t, content)).contexts.size, 2);
    }
    for (const number of ['42', '9876543210987654321']) {
      assert.ok((await read(t, good.replace('name: stage', `name: ${number}`))).contexts.has(number));
    }
    const anchored = good.replace(
      'contexts:',
      'x: &x {cluster: c1}\ncontexts:\n- name: merged\n  context: {<<: *x, user: u1}',
    );
    const { contexts, problems } = await read(t, anchored);
    assert.deepEqual([contexts.get('merged')?.value, problems], [{ cluster: 'c1', user: 'u1' }, []]);
  });

  test('entries know their lines, however they are read', async (t) => {
    for (const content of [good, good.replaceAll('\n', '\r\n'), `&top\n${good}`]) {
      const { contexts } = await read(t, content);
      const lines = content.split('\n');
      const found = [...contexts.values()].map(({ name, line }) => [name, lines[line - 1]?.trim()]);
      assert.deepEqual(
        found,
        [...contexts.keys()].map((name) => [name, `- name: ${name}`]),
      );
    }
  });

  test('keys of prototypes reach no prototype', async (t) => {
    const hostile = good
      .replace('- name: stage', '- name: __proto__')
      .replace('user: {client', 'user: {__proto__: {polluted: true}, client');
    const kubeconfig = await read(t, hostile);
    assert.equal(contextConfig(kubeconfig, '__proto__').userName, 'u1');
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
    assert.throws(
      () => contextConfig(kubeconfig, 'constructor'),
      (error) => ClusterError.is(error, 'unknown-context'),
    );
  });

  test('no problem repeats a credential', async (t) => {
    const token = createHash('sha256').update('credential').digest('hex');
    for (const content of [
      `users:\n- name: a\n  user: {token: ${token}\n`,
      `users:\n- {nam: a, user: {token: ${token}}}\n`,
      `users: {token: ${token}}\n`,
      `token: ${token}`,
    ]) {
      const { problems } = await read(t, content);
      assert.notEqual(problems.length, 0);
      assert.ok(!JSON.stringify(problems).includes(token), content);
    }
  });
});
