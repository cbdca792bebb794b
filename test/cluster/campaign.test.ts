import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ObjectReport } from '../../src/core/report.ts';
import { CampaignCluster, type LiveTarget } from '../support/campaign/campaignCluster.ts';
import { type Deleted, EditChooser, type Made, cellOf, deletion } from '../support/campaign/editChooser.ts';
import { expectationOf, mistakes } from '../support/campaign/expectation.ts';
import { describeEdit, failureCase } from '../support/campaign/failureCase.ts';
import { LineTally } from '../support/campaign/lineTally.ts';
import { type Cell, cells, missingFrom, occasional, quotaFor } from '../support/campaign/quota.ts';
import { ways } from '../support/deliver.ts';
import { corporaClusterSkip } from '../support/deliveredCorpora.ts';
import { Random } from '../support/random.ts';

/** One seed by default, so that a red main says something of the commit; any other looks for what is new. */
const seed = Number(process.env['PLUMBLINE_SEED'] ?? 105);
/** Half of them on what kubectl applied client-side, half on what it applied server-side. */
const wanted = Number(process.env['PLUMBLINE_EDITS'] ?? 1000);

/** Objects that are worked on at once. */
const atOnce = 4;
/** Rounds, in each of which every object is edited once at most. */
const mostRounds = 12;
/** Two deliveries and 1,000 edits take three minutes on a quiet machine of two cores. */
const timeout = 20 * 60_000;

/** Runs a task for each item, a few at once. */
async function each<T>(items: Iterable<T>, run: (item: T) => Promise<void>): Promise<void> {
  const open = [...items].reverse();
  const worker = async (): Promise<void> => {
    for (let item = open.pop(); item !== undefined; item = open.pop()) await run(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

describe('a campaign of edits', { skip: await corporaClusterSkip() }, () => {
  const random = new Random(seed);
  const counts = new Map<Cell, number>();
  const made: Made[] = [];
  const deleted: Deleted[] = [];
  const failures: string[] = [];
  const lines = new LineTally();
  const seconds = { deliver: 0, edit: 0, check: 0, restore: 0 };
  const done = (): number => made.length + deleted.length;

  async function timed<T>(name: keyof typeof seconds, run: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const value = await run();
    seconds[name] += (performance.now() - started) / 1000;
    return value;
  }

  /** Edits many objects once, and holds the report against every one of them and against all that was left alone. */
  async function round(cluster: CampaignCluster, chooser: EditChooser, until: number): Promise<void> {
    const fresh: Made[] = [];
    const gone: Deleted[] = [];
    const missing = (): number => until - done() - fresh.length - gone.length;
    const editOne = async (target: LiveTarget): Promise<void> => {
      if (missing() <= 0) return;
      const edited = await chooser.editOne(target);
      if (edited === undefined) return;
      if ('edit' in edited) fresh.push(edited);
      else gone.push(edited);
    };
    await timed('edit', () => each(random.shuffle(cluster.targets), editOne));
    const found = await timed('check', () => cluster.reports());
    const suspects: [Made, ObjectReport][] = [];
    const edits = new Map(fresh.map((item) => [item.target.id, item]));
    const goneIds = new Set(gone.map(({ target }) => target.id));
    for (const target of cluster.targets) {
      const object = found.get(target.id);
      const item = edits.get(target.id);
      if (object === undefined) failures.push(`${target.id} is not in the report`);
      else if (goneIds.has(target.id)) {
        if (object.status !== 'missing') failures.push(`${target.id}: deleted, but ${object.status}`);
        else lines.countDeleted(cluster, target, object);
      } else if (item === undefined) {
        for (const change of object.changes) {
          failures.push(`${target.id}: not edited, but ${change.path} is ${change.status}`);
        }
      } else if (mistakes(item.edit, object).length > 0) suspects.push([item, object]);
      else lines.countEdit(cluster, item, object, describeEdit(item));
    }
    made.push(...fresh);
    deleted.push(...gone);
    // After the last round nobody looks at the objects any more.
    if (done() >= until && suspects.length === 0) return;
    await timed('restore', async () => {
      await each(fresh, ({ target, edit }) => cluster.restore(target, edit.before));
      await each(gone, ({ target, before }) => cluster.restore(target, before));
      for (const [item, object] of suspects) failures.push(await failureCase(cluster, item, object));
    });
  }

  for (const [index, way] of ways.entries()) {
    test(
      `edits of what was applied ${way} are found, and nothing else (PLUMBLINE_SEED=${seed})`,
      { timeout },
      async (t) => {
        const cluster = await timed('deliver', () => CampaignCluster.start(way));
        try {
          const chooser = new EditChooser(cluster, random, wanted, counts);
          await each(cluster.targets, (target) => chooser.look(target));
          const until = Math.ceil((wanted * (index + 1)) / ways.length);
          const before = failures.length;
          for (let count = 1; done() < until && count <= mostRounds; count++) await round(cluster, chooser, until);
          const found = failures.slice(before);
          t.diagnostic(`edits ${done()} of ${until}; seconds ${JSON.stringify(seconds)}`);
          assert.equal(found.length, 0, `seed ${seed}, ${found.length} failures:\n${found.slice(0, 40).join('\n')}`);
          assert.ok(done() >= until, `${done()} edits`);
        } finally {
          await cluster.dispose();
        }
      },
    );
  }

  test(`${wanted} edits are of every kind that is possible`, (t) => {
    const quota = quotaFor(wanted);
    const tally = Map.groupBy(made, ({ edit }) => cellOf(edit.operation, edit.candidate));
    const times = (cell: Cell): number => (cell === deletion ? deleted.length : (tally.get(cell)?.length ?? 0));
    report(t, quota, times);
    const seen = [...tally.keys(), ...(deleted.length > 0 ? [deletion] : [])];
    assert.deepEqual(missingFrom(seen), [], 'never made');
    assert.deepEqual(
      cells.filter((cell) => times(cell) < quota).map((cell) => `${cell}: ${times(cell)}`),
      [],
      `made less than ${quota} times`,
    );
    assert.deepEqual(
      seen.filter((cell) => !cells.includes(cell) && !occasional.includes(cell)),
      [],
      'not in the table',
    );
  });

  test('and their findings stand on the line that decides the value', (t) => {
    t.diagnostic(`lines right ${lines.right}, wrong ${lines.wrong.length}`);
    for (const text of lines.wrong.slice(0, 20)) t.diagnostic(`line: ${text}`);
    assert.ok(lines.share >= 0.99, `${lines.right} right, ${lines.wrong.length} wrong`);
  });

  function report(t: { diagnostic(text: string): void }, quota: number, times: (cell: Cell) => number): void {
    const counted = (key: (item: Made) => string): string =>
      [...Map.groupBy(made, key)]
        .map(([name, group]) => `${name} ${group.length}`)
        .sort()
        .join(', ');
    const least = cells.toSorted((a, b) => times(a) - times(b)).slice(0, 8);
    t.diagnostic(`kinds of edit: ${cells.length}, each at least ${quota} times`);
    t.diagnostic(`least: ${least.map((cell) => `${cell} ${times(cell)}`).join('; ')}`);
    t.diagnostic(`operations: ${counted(({ edit }) => edit.operation.name)}, delete ${deleted.length}`);
    t.diagnostic(`changes: ${counted(({ edit }) => edit.candidate.change)}`);
    t.diagnostic(`types: ${counted(({ edit }) => edit.candidate.type)}`);
    const expected = ({ edit }: Made): string => {
      const { listed, status } = expectationOf(edit);
      return listed ? String(status) : 'not listed';
    };
    t.diagnostic(`expected: ${counted(expected)}`);
  }
});
