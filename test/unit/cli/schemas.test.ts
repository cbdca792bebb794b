import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandboxServer.ts';
import { runCli } from '../../support/cli.ts';
import { schemaFaults } from '../../support/jsonSchema.ts';
import { type WorkRepository, copyToRepository } from '../../support/workRepository.ts';

const configMap = (greeting: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: default}\ndata: {greeting: ${greeting}}\n`;
const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: keys, namespace: default}\nstringData: {key: hidden}\n';

describe('what the command line prints as JSON is as its schema says', () => {
  let folder: string;
  let sandbox: Sandbox;
  let repository: WorkRepository;
  let first: string;
  /** The last report of each kind, for the faults that are planted below. */
  const printed = new Map<string, Record<string, unknown>>();

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-schemas-'));
    sandbox = await startSandbox({ dataDirectory: join(folder, 'data') });
    repository = await copyToRepository('', []);
    await repository.git('config', 'user.name', 'Test');
    await repository.git('config', 'user.email', 'test@example.invalid');
    first = await repository.commit({ 'app/settings.yaml': configMap('hello'), 'app/secret.yaml': secret });
  });
  after(async () => {
    await sandbox.stop();
    await repository.dispose();
    await rm(folder, { recursive: true });
  });

  /** `runCli` holds it against the schema. */
  const run = async (code: number, command: string, ...args: string[]): Promise<Record<string, unknown>> => {
    const context = ['--kubeconfig', sandbox.kubeconfigPath, '--context', sandbox.contextName];
    const result = await runCli([command, repository.folder, ...context, '--output', 'json', ...args], {
      environment: { ...process.env, HOME: folder, XDG_CACHE_HOME: folder },
    });
    assert.equal(result.code, code, `${result.stdout}\n${result.stderr}`);
    const report = JSON.parse(result.stdout) as Record<string, unknown>;
    printed.set(String(report['kind']), report);
    return report;
  };

  test('apps, preview, sync, drift, history and rollback', async () => {
    assert.equal((await run(0, 'apps'))['kind'], 'ApplicationList');
    assert.equal((await run(0, 'preview', '--predicted'))['kind'], 'PlanList');
    assert.equal((await run(64, 'sync', '--all'))['kind'], 'ActionReport');
    await run(0, 'sync', '--all', '--yes');
    await run(0, 'drift');
    await repository.commit({
      'app/settings.yaml': configMap('goodbye'),
      'app/secret.yaml': secret.replace('hidden', 'new'),
    });
    const drift = await run(0, 'drift');
    assert.equal((drift['summary'] as Record<string, number>)['pending'], 2);
    const history = await run(0, 'history');
    assert.deepEqual(
      (history['histories'] as { entries: { revision: string }[] }[])[0]?.entries.map(({ revision }) => revision),
      [first],
    );
    const back = await run(0, 'rollback', '--app', 'app', '--to', first, '--yes');
    assert.equal((back['results'] as unknown[]).length, 1);
  });

  const planted: [string, string, (report: never) => void, RegExp][] = [
    ['a member that nothing tells of', 'DriftReport', (report: { extra: 1 }) => (report.extra = 1), /extra is not in/],
    ['another status', 'DriftReport', (report: Drift) => (object(report).status = 'odd'), /status is "odd", none of/],
    ['a missing name', 'DriftReport', (report: Drift) => delete object(report).name, /objects\[0\] has no name/],
    [
      'objects that are gone',
      'DriftReport',
      (report: Drift) => delete report.applications[0]?.objects,
      /has no objects/,
    ],
    ['a time that is none', 'PlanList', (report: { at: string }) => (report.at = 'noon'), /at is no date/],
    ['a count that is none', 'PlanList', (report: Plans) => (plan(report).summary['create'] = -1), /create is below 0/],
    ['steps as text', 'PlanList', (report: Plans) => (plan(report).steps = 'none'), /steps is no array/],
    ['another version', 'ApplicationList', (report: { version: number }) => (report.version = 2), /version is not 1/],
    ['a result of no shape', 'ActionReport', (report: Actions) => (report.results = [{ result: 'odd' }]), /fits 0 of/],
    ['an entry in prose', 'History', (report: Histories) => (report.histories[0] = 'x'), /histories\[0\] is no object/],
  ];
  for (const [name, kind, plant, fault] of planted) {
    test(`a fault is found: ${name}`, () => {
      const report = structuredClone(printed.get(kind));
      assert.deepEqual(schemaFaults(report), []);
      plant(report as never);
      assert.match(schemaFaults(report).join('\n'), fault);
    });
  }
});

interface Drift {
  applications: { objects?: { status?: string; name?: string }[] }[];
}

interface Plans {
  plans: { summary: Record<string, number>; steps: unknown }[];
}

interface Actions {
  results: unknown[];
}

interface Histories {
  histories: unknown[];
}

function object(report: Drift): { status?: string; name?: string } {
  const found = report.applications[0]?.objects?.[0];
  assert.ok(found);
  return found;
}

function plan(report: Plans): Plans['plans'][number] {
  const [found] = report.plans;
  assert.ok(found);
  return found;
}
