import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { nameOf } from '../../../../src/core/kube/objectKey.ts';
import { readManifests } from '../../../../src/core/manifest/readManifests.ts';
import type { FileTree } from '../../../../src/ports/fileTree.ts';
import type { SimulatedClusterPort } from '../../../../src/sandbox/simulatedClusterPort.ts';
import { findApplications } from '../../../../src/services/applications/findApplications.ts';
import { checkDrift } from '../../../../src/services/drift/checkDrift.ts';
import { CommitTimes } from '../../../../src/services/drift/commitTimes.ts';
import { previewPlans } from '../../../../src/services/preview/previewPlans.ts';
import { withFiles } from '../../adapters/folderFixture.ts';
import { leaksIn } from './needles.ts';
import { type Situation, situation } from './situation.ts';
import { shownOf, shownOfObject, shownOfPlans } from './surfaces.ts';
import { now, publicMap, renderers, worldOf } from './world.ts';

describe('no byte of a Secret is shown', () => {
  test('of whole situations: report, plan, texts, tree, hovers and documents', async () => {
    await fc.assert(
      fc.asyncProperty(situation, async (drawn) => {
        const shown = await everythingShown(drawn);
        const secrets = drawn.values.filter((_, index) => index !== drawn.published);
        const found = leaksIn(shown, secrets, (needle) => JSON.stringify(publicMap(drawn)).includes(needle));
        if (found.length === 0) return;
        // A value may be a word that stands there anyway.
        const neutral = await everythingShown(neutralised(drawn));
        const leaks = found.filter((needle) => !neutral.includes(needle));
        assert.deepEqual(
          leaks.map((leak) => around(shown, leak)),
          [],
        );
      }),
      { numRuns: 60 },
    );
  });
});

function around(shown: string, leak: string): string {
  const at = shown.indexOf(leak);
  return `${leak} in ${shown.slice(Math.max(0, at - 120), at + 60)}`;
}

/** The same situation with other values. */
function neutralised(drawn: Situation): Situation {
  const values = drawn.values.map((value, index) => {
    return index === drawn.published ? value : new Uint8Array(Buffer.from(`~${index}~`.repeat(9)));
  });
  return { ...drawn, values };
}

async function everythingShown(drawn: Situation): Promise<string> {
  const { files, cluster } = await worldOf(drawn);
  return withFiles(files, async (tree) => {
    const texts: string[] = [];
    for (const secrets of ['compare', 'keys'] as const) texts.push(shownOf(await drift(tree, cluster, secrets)));
    texts.push(shownOfPlans(await plans(tree, cluster)));
    const { resources } = await cluster.discover();
    const kind = resources.find((one) => one.kind === 'Secret');
    assert.ok(kind);
    for (const [path, content] of Object.entries(files)) {
      const { documents } = readManifests(String(content), { profile: 'raw' });
      for (const { object } of documents) {
        const live = await cluster.get(kind, 'default', nameOf(object)).catch(() => undefined);
        if (path.includes('secret')) texts.push(shownOfObject(live, object));
      }
    }
    return texts.join('\n');
  });
}

async function drift(tree: FileTree, cluster: SimulatedClusterPort, secrets: 'compare' | 'keys') {
  const request = {
    ...(await scopeOf(tree)),
    contexts: [cluster.context],
    secrets,
    commitTimes: new CommitTimes(undefined),
  };
  return checkDrift(
    request,
    {
      contexts: () => Promise.resolve({ contexts: [], problems: [], files: [] }),
      connect: () => Promise.resolve(cluster),
      reset: () => undefined,
    },
    { now: () => now },
  );
}

async function plans(tree: FileTree, cluster: SimulatedClusterPort) {
  const request = { ...(await scopeOf(tree)), prune: true, withPredicted: true };
  return previewPlans(request, cluster, { now: () => now });
}

async function scopeOf(tree: FileTree) {
  return {
    derived: await findApplications(tree, ''),
    below: '',
    chosen: new Set<string>(),
    tree,
    repository: undefined,
    renderers: renderers(),
    skipKinds: new Set<string>(),
  };
}
