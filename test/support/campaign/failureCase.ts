import { equalJson } from '../../../src/core/json.ts';
import { nameOf } from '../../../src/core/kube/objectKey.ts';
import type { ObjectReport } from '../../../src/core/report.ts';

import { formatPath, valueAt } from '../../../src/core/schema/path.ts';
import type { CampaignCluster } from './campaignCluster.ts';
import { type Made, sendEdit } from './editChooser.ts';
import { type Edit, declaredAt, expectationOf, mistakes, writtenPath } from './expectation.ts';
import { type ReplayCase, replayed } from './replay.ts';
import { shrinkCase } from './shrinkCase.ts';

/** One edit in three lines. */
export function describeEdit({ target, edit }: Made): string {
  const { operation, candidate, before, after, node } = edit;
  const value = (object: Edit['after']): string =>
    JSON.stringify(declaredAt(object, candidate.path, node) ?? null).slice(0, 200);
  return [
    `${target.source.name}: ${target.desired.kind} ${nameOf(target.desired)}`,
    `${operation.name} by ${operation.manager}: ${candidate.type} ${candidate.change}, ${formatPath(candidate.path)}`,
    `Git ${value(target.desired)}, before ${value(before)}, after ${value(after)}`,
  ].join('\n    ');
}

/**
 * A failing edit made once more on its own, and then without the cluster, as a test of as little as still fails. The object was put back
 * before, and is put back after.
 */
export async function failureCase(cluster: CampaignCluster, made: Made, reported: ObjectReport): Promise<string> {
  const { target, edit } = made;
  const text = `${describeEdit(made)}\n    ${mistakes(edit, reported).join('\n    ')}`;
  const live = await cluster.get(target);
  const { resourceVersion = '' } = live.metadata;
  const { after } = edit.candidate;
  const candidate = { ...edit.candidate, after: { ...after, metadata: { ...after.metadata, resourceVersion } } };
  const again = await sendEdit(cluster, target, edit.operation, candidate, live);
  if (again === undefined) return `${text}\n    (alone: cannot be made again)\n${replayTest(edit)}`;
  const object = (await cluster.reports([target.source])).get(target.id);
  const second = object === undefined ? ['not in the report'] : mistakes(again, object);
  await cluster.restore(target, again.before);
  return `${text}\n    (alone: ${second.length === 0 ? 'right' : second.join('; ')})\n${replayTest(again)}`;
}

/** The test to paste into a file of test/unit/core/drift; or why there is none. */
export function replayTest(edit: Edit): string {
  const found: ReplayCase = { desired: edit.desired, live: edit.after };
  const [mistake] = mistakesOf(edit, found);
  if (mistake === undefined) return '    (without the cluster: right)';
  // Where something else was found instead, finding nothing is another failure.
  const finds = (candidate: ReplayCase): boolean => replayed(candidate).changes.length > 0;
  const small = shrinkCase(found, (candidate) => {
    const isSame = isSameEdit(edit, candidate) && mistakesOf(edit, candidate)[0] === mistake;
    return isSame && finds(candidate) === finds(found);
  });
  const { listed, ...expected } = expectationOf({ ...edit, desired: small.desired, after: small.live });
  const path = formatPath(writtenPath(small.desired, edit.candidate.path));
  const title = `${edit.operation.name}: ${edit.candidate.type} ${edit.candidate.change}, ${path}`;
  return [
    `// ${mistake}`,
    `// import { replayed } from '../../../support/campaign/replay.ts';`,
    `test(${JSON.stringify(title)}, () => {`,
    `  const desired = ${JSON.stringify(small.desired)};`,
    `  const live = ${JSON.stringify(small.live)};`,
    `  const { changes } = replayed({ desired, live });`,
    `  assert.partialDeepStrictEqual(changes, ${JSON.stringify(listed ? [{ path, ...expected }] : [])});`,
    `  assert.equal(changes.length, ${listed ? 1 : 0});`,
    `});`,
  ].join('\n');
}

function mistakesOf(edit: Edit, { desired, live }: ReplayCase): string[] {
  const { changes } = replayed({ desired, live });
  return mistakes({ ...edit, desired, after: live }, { changes } as ObjectReport);
}

/** What the edit did is still there. */
function isSameEdit({ candidate, desired, after, node }: Edit, small: ReplayCase): boolean {
  const { path } = candidate;
  return (
    equalJson(declaredAt(desired, path, node), declaredAt(small.desired, path, node)) &&
    equalJson(valueAt(after, path, node), valueAt(small.live, path, node))
  );
}
