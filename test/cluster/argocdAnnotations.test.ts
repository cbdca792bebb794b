import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ApplicationReport } from '../../src/core/report.ts';
import type { Clone } from '../rig/cluster/clone.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import { makeRemote } from '../rig/cluster/greeting.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { until } from '../rig/cluster/until.ts';
import { ArgoApplications, argoApplication } from '../support/argoApplications.ts';
import { DriftCheck } from '../support/driftCheck.ts';
import { patchLive } from '../support/patchLive.ts';

const options = { argocd: true };
const namespace = 'shop';
const argo = 'argocd.argoproj.io';

interface Directive {
  says: string;
  /** In Git, until it drops the object. */
  annotations?: Record<string, string>;
  /** Put on the live object by hand. */
  live?: Record<string, string>;
  /** Whether it makes the Application out of sync once Git drops it. */
  counts: boolean;
  /** What a sync with pruning does to it then. */
  dropped: 'pruned' | 'kept';
}

const compare = (value: string): Record<string, string> => ({ [`${argo}/compare-options`]: value });
const sync = (value: string): Record<string, string> => ({ [`${argo}/sync-options`]: value });

const directives: readonly Directive[] = [
  { says: 'none', counts: true, dropped: 'pruned' },
  { says: 'extraneous', annotations: compare('IgnoreExtraneous'), counts: false, dropped: 'pruned' },
  { says: 'extraneous-live', live: compare('IgnoreExtraneous'), counts: false, dropped: 'pruned' },
  { says: 'extraneous-case', annotations: compare('ignoreextraneous'), counts: true, dropped: 'pruned' },
  { says: 'prune-false', annotations: sync('Prune=false'), counts: true, dropped: 'kept' },
  { says: 'prune-false-live', live: sync('Prune=false'), counts: true, dropped: 'kept' },
  { says: 'prune-false-among-others', annotations: sync('Validate=false, Prune=false'), counts: true, dropped: 'kept' },
  { says: 'prune-false-case', annotations: sync('prune=false'), counts: true, dropped: 'pruned' },
  {
    says: 'extraneous-and-prune-false',
    annotations: { ...compare('IgnoreExtraneous'), ...sync('Prune=false') },
    counts: false,
    dropped: 'kept',
  },
];

const directed = ({ says, annotations = {} }: Directive): string => `apiVersion: v1
kind: ConfigMap
metadata: {name: ${says}, annotations: ${JSON.stringify(annotations)}}
data: {greeting: git}
`;

/** Annotations of objects against a real Argo CD: what is foretold of each is what it does. */
describe('annotations that Argo CD goes by', { skip: await skipReason(options) }, () => {
  let plane: ControlPlane;
  let clone: Clone;
  let check: DriftCheck;
  let applications: ArgoApplications;

  before(async () => {
    plane = await startControlPlane(options);
    const remote = await makeRemote(plane);
    clone = remote.clone;
    check = new DriftCheck(plane);
    applications = new ArgoApplications(plane);
    await plane.kubectl(['create', 'namespace', namespace]);
    const first = await clone.commit({
      'apps/kept.yaml': directed({ says: 'kept', counts: true, dropped: 'kept' }),
      'apps/skipped.yaml': directed({
        says: 'skipped',
        annotations: { [`${argo}/hook`]: 'Skip' },
        counts: false,
        dropped: 'pruned',
      }),
      ...Object.fromEntries(directives.map((directive) => [`apps/${directive.says}.yaml`, directed(directive)])),
    });
    await clone.push();
    const input = argoApplication('shop', remote.repository.url, 'apps', namespace);
    await plane.kubectl(['apply', '-f', '-'], { input });
    await applications.sync('shop', first);
    await until('shop is synced', async () => (await applications.field('shop', '.status.sync.status')) === 'Synced');
  });
  after(async () => {
    check.dispose();
    await plane.stop();
  });

  const reported = async (): Promise<ApplicationReport> => {
    const report = await check.check(clone.folder, { below: 'apps' });
    const shop = report.applications.find(({ id }) => id === 'argocd:argocd/shop');
    assert.ok(shop, JSON.stringify(report.problems));
    return shop;
  };

  test('as it was synced: no finding, and what is skipped is none', async () => {
    const { objects } = await reported();
    assert.deepEqual(
      objects.filter(({ status }) => status !== 'synced'),
      [],
    );
    assert.match(objects.find(({ name }) => name === 'skipped')?.note ?? '', /hook/);
  });

  test('an edit is drift, whatever is said of extraneous objects and of pruning', async () => {
    for (const { says } of directives) {
      await patchLive(plane, `configmap/${says}`, namespace, 'kubectl-edit', { data: { greeting: 'hand' } });
    }
    const found = await until('Argo CD sees them', async () => {
      const names = await applications.field('shop', '.status.resources[?(@.status=="OutOfSync")].name');
      return names.split(' ').length === directives.length && names.split(' ');
    });
    const { objects } = await reported();
    assert.deepEqual(
      objects.filter(({ status }) => status === 'drifted').map(({ name }) => name),
      found.sort(),
    );
    await applications.sync('shop', await clone.head());
  });

  test('what Git drops: it counts or not, and a sync with pruning prunes or keeps it', async () => {
    for (const { says, live } of directives) {
      if (live === undefined) continue;
      await patchLive(plane, `configmap/${says}`, namespace, 'kubectl-annotate', { metadata: { annotations: live } });
    }
    for (const chosen of [directives.filter(({ counts }) => !counts), directives]) {
      const files = chosen.map(({ says }) => [`apps/${says}.yaml`, undefined] as const);
      const there = files.filter(([file]) => !dropped.has(file));
      const commit = await clone.commit(Object.fromEntries(there));
      for (const [file] of there) dropped.add(file);
      await clone.push();
      await applications.refresh('shop');
      const status = chosen === directives ? 'OutOfSync' : 'Synced';
      await until(`Argo CD says ${status}`, async () => {
        const said = await applications.field('shop', '.status.sync.revision} {.status.sync.status');
        return said === `${commit} ${status}`;
      });
      const { objects } = await reported();
      assert.deepEqual(
        objects.filter(({ status: found }) => found === 'extra').map(({ name }) => name),
        chosen
          .filter(({ counts }) => counts)
          .map(({ says }) => says)
          .sort(),
      );
    }
    const foretold = new Map((await reported()).objects.map(({ name, note = '' }) => [name, note]));
    await applications.sync('shop', await clone.head(), { prune: true });
    const left = await plane.kubectl(['get', 'configmaps', '-n', namespace, '-o=name']);
    const did = (name: string): string => (left.includes(`configmap/${name}\n`) ? 'kept' : 'pruned');
    assert.deepEqual(
      directives.map(({ says }) => `${says} ${did(says)}`),
      directives.map(({ says, dropped: what }) => `${says} ${what}`),
      'Argo CD',
    );
    assert.deepEqual(
      directives.map(
        ({ says }) => `${says} ${foretold.get(says)?.includes('stays in the cluster') ? 'kept' : 'pruned'}`,
      ),
      directives.map(({ says }) => `${says} ${did(says)}`),
      'Plumbline',
    );
  });

  const dropped = new Set<string>();
});
