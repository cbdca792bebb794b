import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Emitter } from '../../../../src/core/emitter.ts';
import type { ApplicationReport } from '../../../../src/core/report.ts';
import { silentLog } from '../../../../src/ports/log.ts';
import {
  CommitsController,
  type CommitsControllerOptions,
  type Session,
} from '../../../../src/editor/commits/commitsController.ts';
import type { DriftView } from '../../../../src/editor/sessions/viewState.ts';
import type { CommitsSessionOptions } from '../../../../src/services/commits/commitsSession.ts';
import { application, now, object, view } from '../reportFixture.ts';

/** A session that only notes what it is told. */
class ScriptedSession implements Session {
  readonly options: CommitsSessionOptions;
  readonly #didChange = new Emitter<undefined>();
  readonly onDidChange = this.#didChange.event;
  readonly calls: string[] = [];
  readonly error = undefined;
  snapshot: Session['snapshot'] = undefined;
  isRunning = false;

  constructor(options: CommitsSessionOptions) {
    this.options = options;
  }

  answer(): void {
    this.snapshot = { plans: new Map() } as unknown as NonNullable<Session['snapshot']>;
    this.#didChange.fire(undefined);
  }

  resume(): Promise<void> {
    this.calls.push('resume');
    this.isRunning = true;
    return Promise.resolve();
  }

  pause(): void {
    this.calls.push('pause');
    this.isRunning = false;
  }

  dispose(): void {
    this.calls.push('dispose');
  }

  historyChanged = (): void => void this.calls.push('history');
  findingsChanged = (): void => void this.calls.push('findings');
  want = (revision: string): void => void this.calls.push(`want ${revision}`);
  refresh = (): Promise<void> => Promise.resolve(void this.calls.push('refresh'));
  loadOlder = (): Promise<void> => Promise.resolve();
  planOf = (): ReturnType<Session['planOf']> => Promise.resolve(undefined);
  planned = (): undefined => undefined;
  locate = (): ReturnType<Session['locate']> => Promise.resolve(undefined);
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const clean = application('clean', { objects: [object('Service', 'a')] });
const drifted = application('drifted', { objects: [object('Service', 'a', { status: 'drifted' })] });

function setUp(
  context: TestContext,
  given: { applications?: ApplicationReport[]; views?: DriftView[]; repository?: boolean; remembered?: string } = {},
) {
  const didChange = new Emitter<undefined>();
  const sessions: ScriptedSession[] = [];
  const remembered: string[] = [];
  const unsaved = new Map<string, string>();
  const views = given.views ?? [view(given.applications ?? [clean, drifted])];
  const running = { folder: given.repository === false ? {} : { repository: {} }, session: { known: () => undefined } };
  const options = {
    drift: { views, running: () => running, onDidChange: didChange.event },
    parts: { renderers: {}, clock: { now: () => now }, log: silentLog },
    settings: () => ({ secrets: 'compare', skipKinds: new Set(), applications: new Set() }),
    unsaved: () => unsaved,
    remembered: given.remembered,
    remember: (id: string) => remembered.push(id),
    load: () =>
      Promise.resolve({
        createSession: (sessionOptions: CommitsSessionOptions) => {
          const session = new ScriptedSession(sessionOptions);
          sessions.push(session);
          return session;
        },
      }),
  } as unknown as CommitsControllerOptions;
  const controller = new CommitsController(options);
  context.after(() => controller.dispose());
  return { controller, sessions, remembered, unsaved, drift: didChange };
}

test('nothing is loaded or asked before the view is shown', async (context) => {
  const { controller, sessions, drift } = setUp(context);
  drift.fire(undefined);
  await settled();
  assert.equal(sessions.length, 0);
  controller.setVisible(true);
  await settled();
  assert.deepEqual([sessions.length, sessions[0]?.calls, controller.state], [1, ['resume'], 'loading']);
  sessions[0]?.answer();
  assert.equal(controller.state, 'ready');
});

test('without a choice it is what has findings, or what an earlier window showed', async (context) => {
  const fresh = setUp(context);
  fresh.controller.setVisible(true);
  await settled();
  assert.equal(fresh.sessions[0]?.options.application, 'drifted');
  const again = setUp(context, { remembered: 'clean' });
  again.controller.setVisible(true);
  await settled();
  assert.equal(again.sessions[0]?.options.application, 'clean');
});

test('another choice ends the session of the one before, and is remembered', async (context) => {
  const { controller, sessions, remembered } = setUp(context);
  controller.setVisible(true);
  await settled();
  await controller.choose({ root: '/repo', context: 'prod-eu', application: 'clean' });
  assert.deepEqual(
    sessions.map((session) => [session.options.application, session.calls.at(-1)]),
    [
      ['drifted', 'dispose'],
      ['clean', 'resume'],
    ],
  );
  assert.deepEqual(remembered, ['clean']);
});

test('a hidden view pauses, and goes on with what it knows', async (context) => {
  const { controller, sessions, drift } = setUp(context);
  controller.setVisible(true);
  await settled();
  sessions[0]?.answer();
  controller.setVisible(false);
  drift.fire(undefined);
  await settled();
  assert.deepEqual([sessions[0]?.calls, controller.state], [['resume', 'pause'], 'ready']);
  controller.setVisible(true);
  await settled();
  assert.deepEqual([sessions.length, sessions[0]?.calls.at(-1)], [1, 'resume']);
});

test('findings and files are told to the session, keystrokes without asking Git', async (context) => {
  const { controller, sessions, drift, unsaved } = setUp(context);
  controller.setVisible(true);
  await settled();
  drift.fire(undefined);
  await settled();
  unsaved.set('/repo/app/typed.yaml', 'a: 1');
  controller.filesChanged(['/repo/app/typed.yaml', '/elsewhere/a.yaml', '/repo/.git/objects/ab']);
  controller.filesChanged(['/repo/app/saved.yaml']);
  controller.filesChanged(['/repo/.git/logs/HEAD']);
  assert.deepEqual(sessions[0]?.calls, ['resume', 'findings', 'history', 'history']);
});

test('a folder without Git, and a cluster without applications, have states of their own', async (context) => {
  const plain = setUp(context, { repository: false });
  plain.controller.setVisible(true);
  await settled();
  assert.equal(plain.controller.state, 'noRepository');
  const empty = setUp(context, { applications: [] });
  empty.controller.setVisible(true);
  await settled();
  assert.equal(empty.controller.state, 'noApplication');
});
