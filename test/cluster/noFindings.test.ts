import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { KubeObject } from '../../src/core/kube/objectKey.ts';
import { describeKey } from '../../src/core/kube/objectKey.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import {
  type DeliveredSource,
  corporaCluster,
  corporaClusterSkip,
  deliverCorpora,
  disposeSources,
} from '../support/deliveredCorpora.ts';
import { ways } from '../support/deliver.ts';
import { DriftCheck, findings } from '../support/driftCheck.ts';
import { compareMerge } from '../support/mergeAgreement.ts';
import { changedLeaf, withoutLeaf } from '../support/editLeaf.ts';
import { Random } from '../support/random.ts';

const seed = Number(process.env['PLUMBLINE_SEED'] ?? 1);

/** Between two looks, in which controllers and kwok write status, replicas, revisions, finalizers and endpoints. */
const pause = 60_000;

/** What is applied: as Git has it, and with one leaf less or another value, so that something is pruned, defaulted and taken over. */
const variants: readonly [name: string, manager: string, vary: (config: KubeObject, random: Random) => KubeObject][] = [
  ['by the same manager', 'kubectl', (config) => config],
  ['by another manager', 'plumbline', (config) => config],
  ['by the same manager, without one leaf', 'kubectl', withoutLeaf],
  ['by another manager, with another value', 'plumbline', changedLeaf],
];

for (const way of ways) {
  describe(`applied by kubectl, ${way}`, { skip: await corporaClusterSkip() }, () => {
    let plane: ControlPlane;
    let check: DriftCheck;
    let sources: DeliveredSource[] = [];
    let looked = 0;
    before(async () => {
      plane = await startControlPlane(corporaCluster);
      check = new DriftCheck(plane);
      sources = await deliverCorpora(plane, way);
    });
    after(async () => {
      check.dispose();
      await plane.stop();
      await disposeSources(sources);
    });

    async function findNothing(): Promise<number> {
      let objects = 0;
      for (const { name, repository, below, namespace } of sources) {
        const report = await check.check(repository.folder, { below, namespace });
        assert.deepEqual(findings(report), [], name);
        assert.equal(report.summary.synced, report.summary.objects, name);
        assert.ok(report.summary.objects > 0, `${name} has objects`);
        objects += report.summary.objects;
      }
      return objects;
    }

    test('nothing is found at once', async (t) => {
      t.diagnostic(`${await findNothing()} objects of ${sources.length} sources`);
      looked = performance.now();
      const plain = sources.filter(({ name }) => name.startsWith('argo-cd-testdata/'));
      assert.ok(plain.length >= 15, `${plain.length} folders of argo-cd-testdata`);
    });

    for (const [name, manager, vary] of variants) {
      test(`the engine's merge is the server's, ${name}`, async (t) => {
        const random = new Random(seed);
        const cluster = await check.cluster();
        const counts = { merged: 0, changed: 0, refused: 0 };
        const different: string[] = [];
        for (const { repository, below, namespace } of sources) {
          for (const { target, node } of await check.targets(repository.folder, { below, namespace })) {
            const { resource, rendered } = target;
            if (resource === undefined || rendered === undefined) continue;
            const config = vary(rendered.object, random);
            const agreement = await compareMerge({ cluster, resource, node, config, manager });
            counts[agreement.outcome]++;
            if (agreement.outcome === 'refused') continue;
            if (agreement.changed) counts.changed++;
            for (const one of agreement.differences) different.push(`${describeKey(target.key)} ${one.slice(0, 400)}`);
          }
        }
        t.diagnostic(`seed ${seed}: ${JSON.stringify(counts)}`);
        assert.deepEqual(different, []);
        // What Git has was accepted a moment ago; of random changes most are.
        if (vary.length < 2) assert.equal(counts.refused, 0);
        assert.ok(counts.merged > counts.refused);
      });
    }

    test('nothing is found a minute later', async () => {
      await delay(Math.max(0, looked + pause - performance.now()));
      await findNothing();
    });
  });
}
