import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Emitter } from '../../../src/core/emitter.ts';
import { silentLog } from '../../../src/ports/log.ts';
import type { ContextSummary } from '../../../src/ports/cluster.ts';
import type { FileTree } from '../../../src/ports/fileTree.ts';
import type { DriftSessionOptions, DriftSnapshot } from '../../../src/services/drift/driftSession.ts';
import { type ControllerOptions, DriftController } from '../../../src/editor/sessions/driftController.ts';
import type { Session } from '../../../src/editor/sessions/sessionSet.ts';
import type { OpenedFolder } from '../../../src/editor/sessions/editorParts.ts';
import { unsavedTree } from '../../../src/editor/sessions/unsavedTree.ts';
import { application, now, podinfo, report } from './reportFixture.ts';

/** A session that answers when it is told to. */
class ScriptedSession implements Session {
  readonly context: string;
  readonly options: DriftSessionOptions;
  readonly #didChange = new Emitter<DriftSnapshot>();
  readonly onDidChange = this.#didChange.event;
  snapshot: DriftSnapshot = { state: 'loading', report: report([]) };
  refreshes = 0;
  changed: string[] = [];
  disposed = false;

  constructor(options: DriftSessionOptions) {
    this.options = options;
    this.context = options.context;
  }

  answer(snapshot: DriftSnapshot): void {
    this.snapshot = snapshot;
    this.#didChange.fire(snapshot);
  }

  refresh(): Promise<void> {
    this.refreshes += 1;
    return Promise.resolve();
  }

  filesChanged(paths: readonly string[]): Promise<void> {
    this.changed.push(...paths);
    return Promise.resolve();
  }

  objects(): ReturnType<Session['objects']> {
    return {};
  }

  known(): ReturnType<Session['known']> {
    return undefined;
  }

  dispose(): void {
    this.disposed = true;
  }
}

function treeOf(files: Readonly<Record<string, string>>): FileTree {
  return {
    revision: 'worktree',
    directory: '/repo',
    list: () => Promise.resolve(Object.keys(files)),
    read: (path) => Promise.resolve(files[path] === undefined ? undefined : new TextEncoder().encode(files[path])),
    fingerprint: (path) => Promise.resolve(files[path] === undefined ? undefined : `disk ${path}`),
    withheld: () => Promise.resolve(undefined),
    dispose: () => Promise.resolve(),
  };
}

const manifests = { 'app/role.yaml': 'apiVersion: v1\nkind: Role\nmetadata: {name: r}\n' };
const prod: ContextSummary = { name: 'prod', server: 'https://x', cluster: 'x', user: 'u', current: true };

function setUp(context: TestContext, given: { files?: Record<string, string>; contexts?: ContextSummary[] } = {}) {
  const sessions: ScriptedSession[] = [];
  const opened: string[] = [];
  const contacted: string[] = [];
  const failing = new Set<string>();
  const options: ControllerOptions = {
    parts: {
      renderers: {} as ControllerOptions['parts']['renderers'],
      jq: { paths: () => Promise.resolve({ paths: [] }) },
      gunzip: () => Promise.reject(new Error('not in this test')),
      clock: { now: () => now },
      log: silentLog,
      openFolder: (folder): Promise<OpenedFolder> => {
        opened.push(folder);
        if (failing.has(folder)) return Promise.reject(new Error('locked'));
        return Promise.resolve({
          root: folder,
          below: '',
          tree: treeOf(given.files ?? manifests),
          dispose: () => Promise.resolve(),
        });
      },
    },
    clusters: {
      contexts: () => Promise.resolve({ contexts: given.contexts ?? [prod], problems: [], files: [] }),
      connect: (name) => {
        contacted.push(name);
        return Promise.reject(new Error('not in this test'));
      },
      reset: () => undefined,
    },
    settings: () => ({ secrets: 'compare', skipKinds: new Set(), applications: new Set() }),
    unsaved: () => new Map(),
    createSession: (sessionOptions) => {
      const session = new ScriptedSession(sessionOptions);
      sessions.push(session);
      return session;
    },
  };
  const controller = new DriftController(options);
  context.after(() => controller.dispose());
  return { controller, sessions, opened, contacted, failing };
}

const ready = (): DriftSnapshot => ({ state: 'ready', report: report([podinfo()]) });
const here = { folders: ['/repo'], trusted: true, active: true };

test('each situation has its state, and nothing is contacted without a choice', async (context) => {
  const { controller, sessions, contacted, opened } = setUp(context);
  assert.equal(controller.state, 'idle');
  await controller.update({ folders: [] });
  assert.equal(controller.state, 'noFolder');
  await controller.update({ folders: ['/repo'], active: true });
  assert.equal(controller.state, 'untrusted');
  assert.deepEqual(opened, [], 'an untrusted folder is not even opened');
  await controller.update({ trusted: true });
  assert.equal(controller.state, 'noCluster');
  assert.deepEqual([sessions.length, contacted], [0, []]);
  await controller.update({ context: 'prod' });
  assert.equal(controller.state, 'loading');
  assert.equal(sessions.length, 1);
  sessions[0]?.answer(ready());
  assert.equal(controller.state, 'ready');
});

test('no manifests and no kubeconfig are said', async (context) => {
  const empty = setUp(context, { files: { 'README.md': '# hello' } });
  await empty.controller.update(here);
  assert.equal(empty.controller.state, 'noManifests');
  const without = setUp(context, { contexts: [] });
  await without.controller.update(here);
  assert.equal(without.controller.state, 'noKubeconfig');
});

test('nothing runs while nothing shows it; what was known stays until the next answer', async (context) => {
  const { controller, sessions } = setUp(context);
  await controller.update({ ...here, active: false, context: 'prod' });
  assert.equal(sessions.length, 0);
  await controller.update({ active: true });
  sessions[0]?.answer(ready());
  await controller.update({ active: false });
  assert.equal(sessions[0]?.disposed, true);
  assert.deepEqual(
    controller.views.map((view) => [view.paused, view.snapshot.report.summary.drifted]),
    [[true, 1]],
  );
  await controller.update({ active: true });
  assert.equal(sessions.length, 2);
  assert.equal(controller.views[0]?.paused, true);
  assert.equal(controller.state, 'ready', 'not loading again');
  sessions[1]?.answer({ state: 'ready', report: report([application('a')]) });
  assert.equal(controller.views[0].paused, false);
});

test("another context's findings are gone at once", async (context) => {
  const { controller, sessions } = setUp(context);
  const contexts = (): string[] => controller.views.map((view) => view.context);
  await controller.update({ ...here, context: 'prod' });
  const [first] = sessions;
  assert.ok(first);
  first.answer(ready());
  assert.deepEqual(contexts(), ['prod']);
  const changed = controller.update({ context: 'staging' });
  assert.deepEqual(contexts(), []);
  await changed;
  assert.equal(first.disposed, true);
  first.answer(ready());
  assert.deepEqual(contexts(), ['staging'], 'a late answer of the old one is not heard');
});

test('losing trust or the last folder ends everything', async (context) => {
  const { controller, sessions } = setUp(context);
  await controller.update({ ...here, context: 'prod' });
  sessions[0]?.answer(ready());
  await controller.update({ folders: [] });
  assert.equal(sessions[0]?.disposed, true);
  assert.deepEqual([controller.state, controller.views.length], ['noFolder', 0]);
});

test('changed files go to their own repository, from its root; those of .git to none', async (context) => {
  const { controller, sessions } = setUp(context);
  await controller.update({ ...here, folders: ['/repo', '/other'], context: 'prod' });
  await controller.filesChanged(['/repo/app/role.yaml', '/repo/.git/index', '/repository/x.yaml', '/other/y.yaml']);
  assert.deepEqual(
    sessions.map((session) => session.changed),
    [['app/role.yaml'], ['y.yaml']],
  );
});

test('a commit or a fetch makes the session look again; the index does not', async (context) => {
  const { controller, sessions } = setUp(context);
  await controller.update({ ...here, context: 'prod' });
  assert.equal(sessions[0]?.refreshes, 1);
  await controller.filesChanged(['/repo/.git/index', '/repo/.git/objects/ab/cdef']);
  assert.equal(sessions[0].refreshes, 1);
  await controller.filesChanged(['/repo/.git/logs/HEAD', '/repo/.git/refs/heads/main']);
  assert.equal(sessions[0].refreshes, 2);
  assert.deepEqual(sessions[0].changed, []);
});

test('who needs an object waits for the first answer of its session', async (context) => {
  const { controller, sessions } = setUp(context);
  await controller.update({ ...here, context: 'prod' });
  const ref = {
    root: '/repo',
    context: 'prod',
    application: 'a',
    key: { group: '', kind: 'Role', namespace: '', name: 'r' },
  };
  let settled = false;
  const waiting = controller.answered(ref).then(() => (settled = true));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(settled, false);
  sessions[0]?.answer(ready());
  await waiting;
  await controller.answered({ ...ref, root: '/elsewhere' });
});

test('a restart makes new sessions and keeps what is shown', async (context) => {
  const { controller, sessions } = setUp(context);
  await controller.update({ ...here, context: 'prod' });
  sessions[0]?.answer(ready());
  await controller.restart();
  assert.deepEqual(
    sessions.map((session) => session.disposed),
    [true, false],
  );
  assert.equal(controller.views[0]?.snapshot.report.summary.drifted, 1);
});

test('a folder that cannot be opened is said, tried again, and costs no other folder', async (context) => {
  const { controller, sessions, failing } = setUp(context);
  failing.add('/repo');
  await controller.update({ ...here, folders: ['/repo', '/other'], context: 'prod' });
  assert.deepEqual(
    controller.problems.map((problem) => problem.message),
    ['/repo cannot be opened: locked'],
  );
  assert.deepEqual(sessions.length, 1);
  sessions[0]?.answer(ready());
  assert.equal(controller.state, 'ready');
  failing.clear();
  await controller.restart();
  assert.deepEqual(controller.problems, []);
  assert.equal(sessions.filter((session) => !session.disposed).length, 2);
});

test('a single folder that cannot be opened does not load for ever', async (context) => {
  const { controller, failing } = setUp(context);
  failing.add('/repo');
  await controller.update({ ...here, context: 'prod' });
  assert.equal(controller.state, 'ready');
  assert.equal(controller.problems.length, 1);
});

test('unsaved texts stand in for files, and only for those', async () => {
  const texts = new Map([['a.yaml', 'b: 1\n']]);
  const tree = unsavedTree(treeOf({ 'a.yaml': 'a: 1\n', 'c.yaml': 'c: 1\n' }), () => texts);
  const read = async (path: string): Promise<string> => new TextDecoder().decode(await tree.read(path));
  assert.equal(await read('a.yaml'), 'b: 1\n');
  assert.equal(await read('c.yaml'), 'c: 1\n');
  // What `git hash-object` prints for the same text.
  assert.equal(await tree.fingerprint('a.yaml'), '8b76663520f5205f24d4492a03fe72e6c01c23f0');
  assert.equal(await tree.fingerprint('c.yaml'), 'disk c.yaml');
  assert.equal(tree.directory, undefined, 'programs would read the old text from disk');
  texts.clear();
  assert.equal(tree.directory, '/repo');
});
