import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { DirectoryRenderer } from '../../../../src/adapters/directory/directoryRenderer.ts';
import { openRepository } from '../../../../src/adapters/git/localRepository.ts';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import { english } from '../../../../src/core/explain/wording.ts';
import { ActionJournal } from '../../../../src/editor/actions/actionJournal.ts';
import type { ActionParts } from '../../../../src/editor/actions/actionParts.ts';
import type { Ending } from '../../../../src/editor/actions/model/outcomeText.ts';
import { type Action, runAction } from '../../../../src/editor/actions/runAction.ts';
import { rulesOf } from '../../../../src/editor/permission/contextRules.ts';
import { GuardedClusters } from '../../../../src/editor/permission/guardedClusters.ts';
import { Permissions } from '../../../../src/editor/permission/permissions.ts';
import type { GitRepository } from '../../../../src/ports/gitRepository.ts';
import { SimulatedClusterPort } from '../../../../src/sandbox/simulatedClusterPort.ts';
import { ScriptedPrompts } from '../scriptedPrompts.ts';

const map = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: default\ndata:\n  v: "${value}"\n`;

let root: string;
let repository: GitRepository;
let cluster: SimulatedClusterPort;
let writable: Record<string, string>;
let endings: Ending[];
let shown: (string | undefined)[];
let unsaved: Map<string, string>;
let saves: number;

const git = (...args: string[]): string => execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim();
const write = (name: string, text: string): Promise<void> => writeFile(join(root, 'apps', name), text);
const live = async (name: string): Promise<unknown> => {
  const { resources } = await cluster.discover();
  const configMaps = resources.find((resource) => resource.kind === 'ConfigMap' && resource.group === '');
  assert.ok(configMaps);
  const found = await cluster.get(configMaps, 'default', name);
  return (found?.['data'] as { v?: unknown } | undefined)?.v;
};

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'plumbline-actions-'));
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'Ada');
  git('config', 'user.email', 'ada@example.org');
  git('config', 'commit.gpgSign', 'false');
  execFileSync('mkdir', [join(root, 'apps')]);
  await write('a.yaml', map('a', '1'));
  await write('b.yaml', map('b', '1'));
  git('add', '.');
  git('commit', '--quiet', '--message', 'First release');
  repository = await openRepository(root, new SpawnRunner());
  cluster = new SimulatedClusterPort({ context: 'prod-eu' });
  writable = {};
  endings = [];
  shown = [];
  unsaved = new Map();
  saves = 0;
});

afterEach(async () => {
  await repository.dispose();
  await rm(root, { recursive: true, force: true });
});

function partsWith(
  prompts: ScriptedPrompts,
  given: Partial<ActionParts> = {},
  protectedBy: string[] = [],
): ActionParts {
  const permissions = new Permissions({
    prompts,
    rules: () => rulesOf(writable, protectedBy),
    allow: (context, server) => {
      writable[context] = server;
      return Promise.resolve();
    },
    isSandbox: () => false,
    isTrusted: () => true,
    t: english,
  });
  const contexts = (): ReturnType<GuardedClusters['contexts']> =>
    Promise.resolve({ contexts: [], problems: [], files: [] });
  const connect = (): Promise<SimulatedClusterPort> => Promise.resolve(cluster);
  const directory = new DirectoryRenderer();
  return {
    prompts,
    permissions,
    clusters: new GuardedClusters({ contexts, connect, reset: () => undefined }, (context, server) =>
      permissions.mayChange(context, server),
    ),
    journal: new ActionJournal({ get: () => undefined, update: () => Promise.resolve() }),
    renderers: { directory, kustomize: directory, helm: directory },
    clock: { now: () => new Date() },
    sleep: () => Promise.resolve(),
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    toolVersion: '0.0.0',
    settings: () => ({ secrets: 'compare', skipKinds: new Set(), applications: new Set(), ignore: [] }),
    folders: () =>
      Promise.resolve([
        { root, below: '', tree: repository.workingTree(), repository, dispose: () => Promise.resolve() },
      ]),
    views: () => [],
    during: (_title, work) => work(() => undefined, new AbortController().signal),
    showInView: (text) => void shown.push(text),
    tell: (ending) => {
      endings.push(ending);
      return Promise.resolve(undefined);
    },
    writerFor: () => Promise.resolve(repository),
    unsaved: () => unsaved,
    save: () => {
      saves++;
      unsaved = new Map();
      return Promise.resolve(true);
    },
    edit: () => Promise.resolve(true),
    objects: () => ({}),
    addIgnoreRule: () => Promise.resolve(),
    refresh: () => Promise.resolve(),
    follow: () => Promise.resolve(),
    t: english,
    ...given,
  };
}

function start(parts: ActionParts, action: Action, title = 'Sync'): Promise<void> {
  const target = { root, context: 'prod-eu', application: 'apps' };
  return runAction(parts, { action, target, title, name: 'apps', again: () => Promise.resolve() });
}

const declined = { name: 'AbortError' };

test('nothing is changed where the context is not allowed, the dialog is left, or the name is not typed', async () => {
  await assert.rejects(start(partsWith(new ScriptedPrompts([undefined])), { do: 'sync' }), declined);
  await assert.rejects(start(partsWith(new ScriptedPrompts(['Allow', undefined])), { do: 'sync' }), declined);
  const typed = new ScriptedPrompts(['Sync', 'prod']);
  await assert.rejects(start(partsWith(typed, {}, ['prod*']), { do: 'sync' }), declined);
  assert.equal(typed.left, 0);
  assert.equal(await live('a'), undefined);
  assert.deepEqual(endings, []);
});

test('a sync that is confirmed is carried out, told in the view and ended with a sentence', async () => {
  const prompts = new ScriptedPrompts(['Allow', 'Sync', 'prod-eu']);
  await start(partsWith(prompts, {}, ['prod*']), { do: 'sync' });
  assert.equal(prompts.left, 0);
  assert.equal(await live('a'), '1');
  assert.equal(endings[0]?.text, 'Sync: apps is in prod-eu as Git says, and healthy.');
  assert.match(shown.find((text) => text?.includes('applying 2/2')) ?? '', /^Sync: apps → prod-eu {3}… applying 2\/2$/);
  assert.equal(shown.at(-1), undefined);
});

test('only what is chosen is committed, and a file of the application that is left out is refused', async () => {
  writable = { 'prod-eu': '*' };
  await write('a.yaml', map('a', '2'));
  await writeFile(join(root, 'notes.txt'), 'not of the application');
  const prompts = new ScriptedPrompts([['a.yaml'], 'Take 2', 'Commit and Sync']);
  await start(partsWith(prompts), { do: 'commitAndSync' }, 'Commit and Sync');
  assert.deepEqual(
    prompts.picks[0]?.items.map((item) => item.label),
    ['a.yaml'],
  );
  assert.equal(git('log', '-1', '--format=%s'), 'Take 2');
  assert.equal(git('status', '--porcelain'), '?? notes.txt');
  assert.equal(await live('a'), '2');
  assert.equal(await live('b'), '1');
  await write('a.yaml', map('a', '3'));
  await write('b.yaml', map('b', '3'));
  await start(partsWith(new ScriptedPrompts([['a.yaml'], 'Take 3'])), { do: 'commitAndSync' }, 'Commit and Sync');
  assert.match(endings.at(-1)?.text ?? '', /nothing was changed in prod-eu\. .*b\.yaml/);
  assert.equal(git('log', '-1', '--format=%s'), 'Take 2');
  assert.equal(await live('a'), '2');
});

test('unsaved manifests are saved first, or nothing is done', async () => {
  writable = { 'prod-eu': '*' };
  unsaved = new Map([['apps/a.yaml', map('a', '9')]]);
  const left = new ScriptedPrompts([undefined]);
  await assert.rejects(start(partsWith(left), { do: 'sync' }), declined);
  assert.equal(left.questions[0]?.message, '1 manifest is not saved.');
  assert.equal(saves, 0);
  await start(partsWith(new ScriptedPrompts(['Save and Go On', 'Sync'])), { do: 'sync' });
  assert.equal(saves, 1);
});

test('a plan that got worse after it was confirmed is asked about again, and nothing is pruned where that is left', async () => {
  writable = { 'prod-eu': '*' };
  await start(partsWith(new ScriptedPrompts(['Sync'])), { do: 'sync' });
  await write('b.yaml', '');
  const prompts = new ScriptedPrompts(['Sync and Prune', undefined]);
  const parts = partsWith(prompts);
  let runs = 0;
  // Between the confirmation and what it leads to, a second file is emptied.
  const during: ActionParts['during'] = async (_title, work) => {
    if (++runs === 2) await write('a.yaml', map('other', '1'));
    return work(() => undefined, new AbortController().signal);
  };
  await assert.rejects(start({ ...parts, during }, { do: 'sync' }), declined);
  const [, second] = prompts.questions;
  assert.match(second?.detail ?? '', /^Meanwhile the plan has changed:\n• now also prunes ConfigMap default\/a\n/);
  assert.deepEqual(second?.buttons, ['Sync and Prune']);
  assert.equal(await live('a'), '1');
  assert.equal(await live('b'), '1');
});

test('what was dropped is kept by Sync, and deleted by Sync and Prune', async () => {
  writable = { 'prod-eu': '*' };
  await start(partsWith(new ScriptedPrompts(['Sync'])), { do: 'sync' });
  await rm(join(root, 'apps/b.yaml'));
  await start(partsWith(new ScriptedPrompts(['Sync'])), { do: 'sync' });
  assert.equal(await live('b'), '1');
  await start(partsWith(new ScriptedPrompts(['Sync and Prune'])), { do: 'sync' });
  assert.equal(await live('b'), undefined);
  assert.equal(await live('a'), '1');
});

test('nothing is done by files of which one is half typed, and nobody is asked about it', async () => {
  writable = { 'prod-eu': '*' };
  await start(partsWith(new ScriptedPrompts(['Sync'])), { do: 'sync' });
  const key = { group: '', kind: 'ConfigMap', namespace: 'default', name: 'a' };
  const segments = [{ field: 'data' }, { field: 'v' }];
  const rules: unknown[] = [];
  const parts = {
    addIgnoreRule: (rule: unknown) => Promise.resolve(void rules.push(rule)),
    edit: () => Promise.reject(new Error('a file was edited')),
  };
  const before = git('rev-parse', 'HEAD');
  const half = `${map('a', '2')}  "w`;
  const actions: [Action, onDisk: boolean][] = [
    [{ do: 'sync' }, true],
    [{ do: 'commitAndSync' }, true],
    [{ do: 'restore', key }, true],
    [{ do: 'writeLiveValue', key, segments }, true],
    [{ do: 'ignoreDifference', key, segments }, true],
    // Where it is not saved either, what the view shows was made with it.
    [{ do: 'writeLiveValue', key, segments }, false],
    [{ do: 'ignoreDifference', key, segments }, false],
  ];
  for (const [action, onDisk] of actions) {
    endings = [];
    await write('a.yaml', onDisk ? half : map('a', '1'));
    unsaved = onDisk ? new Map<string, string>() : new Map([['apps/a.yaml', half]]);
    await start(partsWith(new ScriptedPrompts([]), parts), action, 'It');
    assert.match(endings[0]?.text ?? '', /^It: .*a\.yaml: .*not valid YAML/i, action.do);
  }
  assert.deepEqual(rules, []);
  assert.equal(await live('a'), '1');
  assert.equal(git('rev-parse', 'HEAD'), before);

  // What another file declares is known, and is restored by itself.
  const { resources } = await cluster.discover();
  const configMaps = resources.find((resource) => resource.kind === 'ConfigMap' && resource.group === '');
  assert.ok(configMaps);
  await cluster.patch(configMaps, 'default', 'b', { data: { v: '9' } }, { type: 'merge' });
  await write('a.yaml', half);
  unsaved = new Map();
  const restoreB: Action = { do: 'restore', key: { ...key, name: 'b' } };
  await start(partsWith(new ScriptedPrompts(['Restore'])), restoreB, 'Restore');
  assert.equal(await live('b'), '1');
  assert.equal(await live('a'), '1');
});

test('one action at a time on an application', async () => {
  writable = { 'prod-eu': '*' };
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const prompts = new ScriptedPrompts(['Sync']);
  const parts = partsWith(prompts, {
    during: async (_title, work) => {
      await held;
      return work(() => undefined, new AbortController().signal);
    },
  });
  const first = start(parts, { do: 'sync' });
  await assert.rejects(
    start(parts, { do: 'rollBack' }, 'Roll Back'),
    /Sync of apps is still going on\. One at a time\./,
  );
  release();
  await first;
  assert.equal(await live('a'), '1');
});

test('a rollback restores by a new commit, and an edit that it would lose is refused', async () => {
  writable = { 'prod-eu': '*' };
  const good = git('rev-parse', 'HEAD');
  await write('a.yaml', map('a', '2'));
  await start(partsWith(new ScriptedPrompts([['a.yaml'], 'Take 2', 'Commit and Sync'])), { do: 'commitAndSync' });
  const prompts = new ScriptedPrompts([`${good.slice(0, 7)} First release`, 'Roll Back']);
  await start(partsWith(prompts), { do: 'rollBack' }, 'Roll Back');
  assert.equal(git('diff', good, 'HEAD'), '');
  assert.equal(git('rev-list', '--count', 'HEAD'), '3');
  assert.equal(await live('a'), '1');
  await write('a.yaml', map('a', '5'));
  const again = git('rev-parse', 'HEAD~1');
  await start(partsWith(new ScriptedPrompts([])), { do: 'rollBack', revision: again }, 'Roll Back');
  assert.match(endings.at(-1)?.text ?? '', /Uncommitted changes would be lost: apps\/a\.yaml/);
  assert.equal(git('rev-list', '--count', 'HEAD'), '3');
});

test('stopping says where things stand', async () => {
  writable = { 'prod-eu': '*' };
  let runs = 0;
  const parts = partsWith(new ScriptedPrompts(['Sync']), {
    during: (_title, work) => {
      const controller = new AbortController();
      const isSecond = ++runs === 2;
      return work((text) => {
        if (isSecond && text.includes('applying 1/2')) controller.abort();
      }, controller.signal);
    },
  });
  await start(parts, { do: 'sync' });
  assert.match(endings[0]?.text ?? '', /^Stopped\. 1 of 2 objects applied; /);
  assert.deepEqual(endings[0]?.next, ['rollBack', 'showCommits']);
  assert.equal(await live('a'), '1');
  assert.equal(await live('b'), undefined);
});

test('Show Plan goes to the plan and changes nothing', async () => {
  writable = { 'prod-eu': '*' };
  const good = git('rev-parse', 'HEAD');
  await write('a.yaml', map('a', '2'));
  await start(partsWith(new ScriptedPrompts([['a.yaml'], 'Take 2', 'Commit and Sync'])), { do: 'commitAndSync' });
  const followed: string[] = [];
  const parts = partsWith(new ScriptedPrompts(['Show Plan']), {
    follow: (next) => {
      followed.push(next);
      return Promise.resolve();
    },
  });
  await assert.rejects(start(parts, { do: 'rollBack', revision: good }, 'Roll Back'), declined);
  assert.deepEqual(followed, ['showPlan']);
  assert.equal(await live('a'), '2');
});
