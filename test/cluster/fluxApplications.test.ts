import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ApplicationList, ApplicationReport, DriftReport, History } from '../../src/core/report.ts';
import type { DriftSession } from '../../src/services/drift/driftSession.ts';
import type { Clone } from '../rig/cluster/clone.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import type { GitRepository } from '../rig/cluster/gitServer.ts';
import { makeRemote } from '../rig/cluster/greeting.ts';
import { requestReconcile, suspendFlux } from '../rig/cluster/requestReconcile.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { until } from '../rig/cluster/until.ts';
import { type Answer, cliOn } from '../support/cliOn.ts';
import { DriftCheck } from '../support/driftCheck.ts';
import { fluxKustomization, fluxSource } from '../support/loopManifests.ts';

const options = { flux: true };

const configMap = (name: string, greeting: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: default}\ndata: {greeting: ${greeting}}\n`;

/** With a time after which Flux gives a try up, else as long as its interval. */
const kustomization = (name: string, path: string, more: Record<string, unknown> = {}): string =>
  fluxKustomization(name, path, { timeout: '30s', ...more });

const substituted = `apiVersion: v1
kind: ConfigMap
metadata:
  name: vars-\${name}
  namespace: default
  annotations: {"\${name}.example/count": "\${count}x"}
data:
  plain: \${phrase}
  url: \${url}
  quoted: "\${count} and more"
  fallback: \${missing:-not set}
  assigned: \${empty:=assigned}
  gone: "<\${empty}>"
  upper: \${name^^}
  first: \${name^}
  length: "\${#phrase} long"
  part: \${phrase:2:1}\${phrase:0:1}
  tail: x\${phrase:3}
  escaped: $\${name} costs $$5 and $5
  bare: $name
  dash: -\${name}
  script: |
    #!/bin/sh
    echo \${name} "$\${HOME}"
      exec \${url}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: verbatim
  namespace: default
  annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}
data: {kept: "\${name}"}
`;

const substitutedDeployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: "\${name}", namespace: default}
spec:
  replicas: \${count}
  paused: \${enabled}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: example.invalid/\${name}:1.\${count}
          args: ["--port=808\${count}", "\${phrase}"]
`;

describe('applications of Flux', { skip: await skipReason(options) }, () => {
  let plane: ControlPlane;
  let remote: GitRepository;
  let clone: Clone;
  let engine: DriftCheck;
  let first: string;
  let run: (command: string, ...args: string[]) => Promise<Answer>;

  before(async () => {
    plane = await startControlPlane(options);
    ({ repository: remote, clone } = await makeRemote(plane));
    run = cliOn(plane, clone.folder);
    engine = new DriftCheck(plane);
    first = await clone.commit({
      'clusters/prod/settings.yaml': configMap('settings', 'hello'),
      'clusters/test/shop.yaml': kustomization('shop', 'shop/test'),
      'clusters/test/only-test.yaml': kustomization('only-test', 'shop/test'),
      'shop/prod/greeting.yaml': configMap('shop', 'prod'),
      'shop/test/greeting.yaml': configMap('shop', 'test'),
      'by-hand/greeting.yaml': configMap('by-hand', 'hello'),
    });
    await clone.push();
    const input = [fluxSource(remote.url), kustomization('cluster', 'clusters/prod', { wait: true })].join('---\n');
    await plane.kubectl(['apply', '-f', '-'], { input });
    await plane.kubectl(['wait', 'kustomization/cluster', '--for=condition=Ready', '--timeout=60s']);
  });
  after(async () => {
    engine.dispose();
    await plane.stop();
  });

  const list = async (...args: string[]): Promise<ApplicationList> => {
    const answer = await run('apps', '--output', 'json', ...args);
    assert.equal(answer.code, 0, `${answer.stdout}\n${answer.stderr}`);
    return JSON.parse(answer.stdout) as ApplicationList;
  };
  const drift = async (id: string): Promise<ApplicationReport> => {
    const answer = await run('drift', '--app', id, '--output', 'json');
    assert.match(String(answer.code), /^[012]$/, `${answer.stdout}\n${answer.stderr}`);
    const [found] = (JSON.parse(answer.stdout) as DriftReport).applications;
    assert.ok(found, answer.stdout);
    return found;
  };
  const states = (found: ApplicationReport): string[] =>
    found.objects.map((object) => `${object.kind}/${object.name} ${object.status}`).sort();
  const gates = (found: Pick<ApplicationReport, 'gates'>): string[] => found.gates.map(({ kind }) => kind);
  const history = async (id: string, ...args: string[]): Promise<History> => {
    const answer = await run('history', '--app', id, '--output', 'json', ...args);
    assert.equal(answer.code, 0, `${answer.stdout}\n${answer.stderr}`);
    return JSON.parse(answer.stdout) as History;
  };
  const reconcile = async (name: string): Promise<void> => {
    for (const resource of ['gitrepository/fleet', `kustomization/${name}`]) {
      const stamp = await requestReconcile(plane, resource);
      await until(`${resource} reconciled`, async () => {
        const path = '{.status.lastHandledReconcileAt}';
        return (await plane.kubectl(['get', resource, `-o=jsonpath=${path}`])) === stamp;
      });
    }
  };

  /** Until nothing has come for two seconds: what was under way before is told. */
  const quiet = async ({ onDidChange }: DriftSession): Promise<void> => {
    let last = performance.now();
    const listening = onDidChange(() => (last = performance.now()));
    await until('nothing more is told', () => Promise.resolve(performance.now() - last > 2_000));
    listening.dispose();
  };

  test('what a delivered folder declares is an application that is not applied yet', async () => {
    await clone.commit({ 'clusters/prod/shop.yaml': kustomization('shop', 'shop/prod') });
    const shop = await drift('flux:default/shop');
    assert.deepEqual(gates(shop), ['not-applied']);
    assert.deepEqual(shop.declared, { file: 'clusters/prod/shop.yaml', line: 1, via: 'manifest' });
    assert.deepEqual(states(shop), ['ConfigMap/shop create']);
    assert.deepEqual(states(await drift('flux:default/cluster')), [
      'ConfigMap/settings synced',
      'Kustomization/shop create',
    ]);
    const answer = await run('sync', '--app', 'flux:default/shop', '--yes');
    assert.equal(answer.code, 3, answer.stdout);
    assert.match(answer.stdout, /not (pushed|applied)/);
  });

  test('what files declare for another cluster is none of this one', async () => {
    const { applications } = await list('--context', 'admin');
    const ids = applications.map(({ id }) => id);
    assert.deepEqual(
      ids.filter((id) => id.startsWith('flux:')),
      ['flux:default/cluster', 'flux:default/shop'],
    );
    // The overlay of the other cluster is listed, and compared with nothing, since this cluster's own holds the same object.
    assert.ok(ids.includes('shop/test'), ids.join());
    const answer = await run('drift', '--output', 'json');
    const report = JSON.parse(answer.stdout) as DriftReport;
    const compared = report.applications.map(({ id }) => id);
    assert.ok(!compared.includes('shop/test'), compared.join());
  });

  test('without a context all that is declared is listed, names that several files use with theirs', async () => {
    const { applications } = await list();
    const declared = applications.filter(({ engine }) => engine === 'flux').map(({ id, source }) => [id, source.path]);
    assert.deepEqual(declared.sort(), [
      ['flux:default/only-test', 'shop/test'],
      ['flux:default/shop#clusters/prod/shop.yaml', 'shop/prod'],
      ['flux:default/shop#clusters/test/shop.yaml', 'shop/test'],
    ]);
  });

  test('once it is live, the live one counts', async () => {
    await clone.push();
    await reconcile('cluster');
    await plane.kubectl(['wait', 'kustomization/shop', '--for=condition=Ready', '--timeout=60s']);
    const shop = await drift('flux:default/shop');
    assert.deepEqual(gates(shop), []);
    assert.deepEqual(states(shop), ['ConfigMap/shop synced']);
  });

  test('a session sees a reconcile, a suspension and its end by itself', async () => {
    const opened = await engine.session(clone.folder, { application: 'flux:default/shop' });
    const { session } = opened;
    const shown = (): ApplicationReport => {
      const [application] = session.snapshot.report.applications;
      assert.ok(application);
      return application;
    };
    try {
      await clone.commit({ 'shop/prod/greeting.yaml': configMap('shop', 'again') });
      await clone.push();
      await session.refresh();
      assert.deepEqual(states(shown()), ['ConfigMap/shop pending']);
      await reconcile('shop');
      const head = await clone.head();
      // Two watches tell of it, of the Kustomization and of the ConfigMap, in either order.
      await until('the applied revision and its object show', () => {
        const { applied } = shown();
        return Promise.resolve(applied?.revision === head && states(shown()).join() === 'ConfigMap/shop synced');
      });
      await suspendFlux(plane, 'kustomization/shop', true);
      await until('the suspension shows', () => Promise.resolve(gates(shown()).includes('suspended')));
      // The parent applies the same revision, and is followed as well.
      await until('the parent has applied it', async () => {
        const path = '{.status.lastAppliedRevision}';
        return (await plane.kubectl(['get', 'kustomization/cluster', `-o=jsonpath=${path}`])).endsWith(head);
      });
      await quiet(session);
      let answers = 0;
      const counting = session.onDidChange(() => (answers += 1));
      await plane.kubectl(['annotate', 'kustomization/shop', 'example.invalid/heartbeat=1']);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      assert.equal(answers, 0, 'what no report shows is no news');
      counting.dispose();
      await suspendFlux(plane, 'kustomization/shop', false);
      await until('its end shows', () => Promise.resolve(gates(shown()).length === 0));
    } finally {
      await opened.dispose();
    }
  });

  test('the history tells revisions, times and outcomes, newest first', async () => {
    await reconcile('cluster');
    const { histories } = await history('flux:default/cluster');
    const [found] = histories;
    assert.ok(found);
    // Each new revision of the source is applied, also one that changes nothing of this Kustomization.
    const second = await clone.head();
    assert.deepEqual(
      found.entries.map(({ revision, outcome, healthy, current, subject }) => [
        revision,
        outcome,
        healthy,
        current,
        subject === undefined,
      ]),
      [
        [second, 'succeeded', true, true, false],
        [first, 'succeeded', true, undefined, false],
      ],
    );
    assert.ok(found.complete);
    assert.ok(found.entries.every(({ at }) => !Number.isNaN(Date.parse(at ?? ''))));
    // A source that does not build: the attempt stands on top, and the cluster holds the one before.
    const broken = await clone.commit({
      'clusters/prod/settings.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n',
    });
    await clone.push();
    await reconcile('cluster');
    await until('the failure is recorded', async () => {
      const [entry] = (await history('flux:default/cluster')).histories[0]?.entries ?? [];
      return entry?.revision === broken && entry.outcome === 'failed';
    });
    const after = (await history('flux:default/cluster')).histories[0]?.entries ?? [];
    assert.equal(after.find(({ current }) => current === true)?.revision, second);
    const text = await run('history', '--app', 'flux:default/cluster');
    assert.match(text.stdout, /✗ /);
    assert.match(text.stdout, /→ ✓ .*healthy/);
  });

  test('a direct apply remembers its last revision, and says that it does no more', async () => {
    assert.deepEqual((await history('by-hand')).histories[0]?.entries, []);
    const answer = await run('sync', '--app', 'by-hand', '--yes');
    assert.equal(answer.code, 0, `${answer.stdout}\n${answer.stderr}`);
    const [found] = (await history('by-hand')).histories;
    assert.ok(found);
    const head = await clone.head();
    assert.deepEqual(
      found.entries.map(({ revision, current, outcome, author }) => [revision, current, outcome, author]),
      [[head, true, 'succeeded', 'Rig']],
    );
    assert.equal(found.complete, false);
    assert.match((await run('history', '--app', 'by-hand')).stdout, /keeps the last revision alone/);
  });

  test('variables that the Kustomization spells out are replaced as Flux does it', async () => {
    await clone.commit({
      'clusters/prod/settings.yaml': configMap('settings', 'hello'),
      'vars/settings.yaml': substituted,
      'vars/web.yaml': substitutedDeployment,
    });
    await clone.push();
    const substitute = {
      ...{ name: 'web', count: '3', enabled: 'yes', phrase: 'a b, c' },
      ...{ url: 'https://x.example:80/#a', empty: '' },
    };
    const input = kustomization('vars', 'vars', { postBuild: { substitute } });
    await plane.kubectl(['apply', '-f', '-'], { input });
    await reconcile('vars');
    const path = '{range .status.conditions[?(@.type=="Ready")]}{.status} {.message}{end}';
    const ready = await until('it was tried', async () => {
      const said = await plane.kubectl(['get', 'kustomization/vars', `-o=jsonpath=${path}`]);
      return said === '' || said.startsWith('Unknown') ? undefined : said;
    });
    assert.match(ready, /^True/);
    const found = await drift('flux:default/vars');
    assert.deepEqual(
      found.objects.flatMap(({ changes }) => changes),
      [],
    );
    assert.deepEqual(states(found), [
      'ConfigMap/vars-web synced',
      'ConfigMap/verbatim synced',
      'Deployment/web synced',
    ]);
    // It is really compared: the number that was substituted is the one that is live.
    await plane.kubectl(['scale', 'deployment/web', '--replicas=5']);
    const [change] = (await drift('flux:default/vars')).objects.flatMap(({ changes }) => changes);
    assert.deepEqual([change?.path, change?.desired, change?.live], ['spec.replicas', 3, 5]);
  });

  test('what the build here cannot repeat is listed and not compared, nor as a direct application', async () => {
    await clone.commit({ 'secret/greeting.yaml': configMap('encrypted', 'x') });
    await clone.push();
    const input = kustomization('encrypted', 'secret', { decryption: { provider: 'sops' } });
    await plane.kubectl(['apply', '-f', '-'], { input });
    const found = await drift('flux:default/encrypted');
    assert.match(found.notCompared ?? '', /decrypted in the cluster/);
    assert.deepEqual(found.objects, []);
    const { applications } = await list('--context', 'admin');
    assert.ok(!applications.some(({ id }) => id === 'secret'));
  });
});
