import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Json, equalJson } from '../../src/core/json.ts';
import { type KubeObject, describeKey, keyText, nameOf } from '../../src/core/kube/objectKey.ts';
import type { ObjectReport } from '../../src/core/report.ts';
import { formatPath } from '../../src/core/schema/path.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import { type Candidate, candidatesOf } from '../support/campaign/candidates.ts';
import { type Edit, declaredAt, expectationOf, mistakes, writtenPath } from '../support/campaign/expectation.ts';
import { type Operation, type Target as OperationTarget, operations, pathOf } from '../support/campaign/operations.ts';
import { SpelledLines } from '../support/campaign/spelledLines.ts';
import {
  type DeliveredSource,
  corporaCluster,
  corporaClusterSkip,
  deliverCorpora,
  disposeSources,
} from '../support/deliveredCorpora.ts';
import { until } from '../rig/cluster/until.ts';
import { DriftCheck } from '../support/driftCheck.ts';
import { Random } from '../support/random.ts';

const seed = Number(process.env['PLUMBLINE_SEED'] ?? Date.now() % 1_000_000);
const wanted = Number(process.env['PLUMBLINE_EDITS'] ?? 1000);

/** Edits that the server refuses are thought again, so many times per object and round. */
const attempts = 8;

interface LiveTarget extends OperationTarget {
  source: DeliveredSource;
  desired: KubeObject;
  id: string;
}

interface Made {
  target: LiveTarget;
  edit: Edit;
}

const cellOf = (operation: Operation, { change, type }: Candidate): string => `${operation.name}, ${change}, ${type}`;

/** Only when asked for, until a whole campaign has been seen to pass: a run of unknown outcome is no check of a commit. */
const notAsked = process.env['PLUMBLINE_EDITS'] === undefined && 'set PLUMBLINE_EDITS (1000 for a whole campaign)';

describe('a campaign of edits', { skip: notAsked || (await corporaClusterSkip()) }, () => {
  let plane: ControlPlane;
  let check: DriftCheck;
  let sources: DeliveredSource[] = [];
  const targets: LiveTarget[] = [];
  const spelled = new Map<DeliveredSource, SpelledLines>();
  const random = new Random(seed);

  before(async () => {
    plane = await startControlPlane(corporaCluster);
    check = new DriftCheck(plane);
    // Both ways side by side: each source by the other way than the one before.
    sources = await deliverCorpora(plane, (index) => ((index + seed) % 2 === 0 ? 'server-side' : 'client-side'));
    for (const source of sources) {
      const { repository, below, namespace } = source;
      for (const { target, node } of await check.targets(repository.folder, { below, namespace })) {
        const { resource, rendered, key } = target;
        if (resource === undefined || rendered === undefined) continue;
        targets.push({ resource, node, source, desired: rendered.object, id: `${source.name} ${keyText(key)}` });
      }
      // Bases stand beside the overlays that use them.
      const root = below.startsWith('deploy/') ? 'deploy/bases' : below.startsWith('apps/') ? 'apps/base' : below;
      spelled.set(source, await SpelledLines.read(repository.folder, root));
    }
  });
  after(async () => {
    check.dispose();
    await plane.stop();
    await disposeSources(sources);
  });

  async function get(target: LiveTarget): Promise<KubeObject> {
    const reply = await plane.api.get(pathOf(target.resource, target.desired));
    assert.equal(reply.status, 200, `${target.id}: ${reply.body.slice(0, 200)}`);
    return JSON.parse(reply.body) as KubeObject;
  }

  /** Everything outside of status and bookkeeping, to see whether a request changed something. */
  function content(object: KubeObject): Json {
    const { managedFields: _1, resourceVersion: _2, generation: _3, ...metadata } = object.metadata;
    const { status: _4, ...rest } = object;
    return { ...rest, metadata };
  }

  async function send(
    target: LiveTarget,
    operation: Operation,
    candidate: Candidate,
    live: KubeObject,
  ): Promise<Edit | undefined> {
    try {
      const answer = await operation.send(plane.api, target, live, candidate);
      if (equalJson(content(answer), content(live))) return undefined;
      return { candidate, operation, before: live, after: answer, desired: target.desired, node: target.node };
    } catch {
      return undefined;
    }
  }

  /** One edit of the object, of the kind that was made least so far. */
  async function editOne(target: LiveTarget, made: Map<string, number>): Promise<Edit | undefined> {
    let live = await get(target);
    const cells = new Map<string, { operation: Operation; candidate: Candidate }[]>();
    for (const candidate of candidatesOf(live, target.desired, target.node)) {
      for (const operation of operations) {
        if (!operation.can(candidate, target.resource)) continue;
        const cell = cellOf(operation, candidate);
        const known = cells.get(cell);
        if (known === undefined) cells.set(cell, [{ operation, candidate }]);
        else known.push({ operation, candidate });
      }
    }
    for (let attempt = 0; attempt < attempts && cells.size > 0; attempt++) {
      const least = random.shuffle([...cells.keys()]).sort((a, b) => (made.get(a) ?? 0) - (made.get(b) ?? 0));
      const cell = least[0] ?? '';
      const { operation, candidate } = random.pick(cells.get(cell) ?? []);
      const edit = await send(target, operation, candidate, live);
      // What is refused again and again must not hold up the rest.
      made.set(cell, (made.get(cell) ?? 0) + (edit === undefined ? 0.25 : 1));
      if (edit !== undefined) return edit;
      live = await get(target);
      if (attempt === attempts - 1) cells.clear();
    }
    return undefined;
  }

  /** Puts the object back as it was, owners included: the first request restores the fields, the second who owns them. */
  async function restore({ target, edit }: Made): Promise<void> {
    const path = pathOf(target.resource, target.desired);
    const put = async (object: KubeObject, resourceVersion: Json = ''): Promise<KubeObject> =>
      (await plane.api.send('PUT', path, {
        ...object,
        metadata: { ...object.metadata, resourceVersion },
      })) as KubeObject;
    const isBack = async (): Promise<true> => {
      const now = await get(target);
      const back = await put(edit.before, now.metadata['resourceVersion']);
      const { managedFields = [] } = edit.before.metadata;
      await put({ ...back, metadata: { ...back.metadata, managedFields } }, back.metadata['resourceVersion']);
      return true;
    };
    await until(`${target.id} is put back`, isBack, { timeout: 10_000 });
  }

  async function reports(of: readonly DeliveredSource[]): Promise<Map<string, ObjectReport>> {
    const found = new Map<string, ObjectReport>();
    for (const { name, repository, below, namespace } of of) {
      const report = await check.check(repository.folder, { below, namespace });
      for (const { objects } of report.applications) {
        for (const object of objects) found.set(`${name} ${keyText(object)}`, object);
      }
    }
    return found;
  }

  function describeEdit({ target, edit }: Made): string {
    const { operation, candidate, before, after: now, node } = edit;
    const value = (object: KubeObject): string =>
      JSON.stringify(declaredAt(object, candidate.path, node) ?? null).slice(0, 200);
    return [
      `${target.source.name}: ${describeKey({ kind: target.desired.kind, namespace: '', name: nameOf(target.desired) })}`,
      `${operation.name} by ${operation.manager}: ${candidate.type} ${candidate.change}, ${formatPath(candidate.path)}`,
      `Git ${value(target.desired)}, before ${value(before)}, after ${value(now)}`,
    ].join('\n    ');
  }

  test(`${wanted} edits are found, and nothing else (PLUMBLINE_SEED=${seed})`, async (t) => {
    const cells = new Map<string, number>();
    const all: Made[] = [];
    const failures: string[] = [];
    const lines = { right: 0, wrong: 0 };
    const wrongLines: string[] = [];
    const seconds = { edit: 0, check: 0, restore: 0 };
    const timed = async <T>(name: keyof typeof seconds, run: () => Promise<T>): Promise<T> => {
      const started = performance.now();
      const value = await run();
      seconds[name] += (performance.now() - started) / 1000;
      return value;
    };

    for (let round = 1; all.length < wanted && round <= 12; round++) {
      const made: Made[] = [];
      await timed('edit', async () => {
        for (const target of random.shuffle(targets)) {
          if (all.length + made.length >= wanted) break;
          const edit = await editOne(target, cells);
          if (edit !== undefined) made.push({ target, edit });
        }
      });
      const found = await timed('check', () => reports(sources));
      const suspects: Made[] = [];
      const byId = new Map(made.map((item) => [item.target.id, item]));
      for (const target of targets) {
        const object = found.get(target.id);
        const item = byId.get(target.id);
        if (item === undefined) {
          for (const change of object?.changes ?? [])
            failures.push(`${target.id}: not edited, but ${change.path} is ${change.status}`);
        } else if (object === undefined) failures.push(`${describeEdit(item)}\n    is not in the report`);
        else if (mistakes(item.edit, object).length > 0) suspects.push(item);
        else checkLine(item, object);
      }
      await timed('restore', async () => {
        for (const item of made) await restore(item);
        for (const item of suspects) failures.push(await alone(item, found));
      });
      all.push(...made);
      t.diagnostic(`round ${round}: ${made.length} edits, ${failures.length} failures so far`);
    }

    /** A failing edit is made once more on its own: what then remains is a case of one edit. */
    async function alone(item: Made, found: Map<string, ObjectReport>): Promise<string> {
      const { target, edit } = item;
      const first = mistakes(edit, found.get(target.id) as ObjectReport);
      const again = await send(
        target,
        edit.operation,
        { ...edit.candidate, after: withVersion(edit.candidate.after, await get(target)) },
        await get(target),
      );
      const text = `${describeEdit(item)}\n    ${first.join('\n    ')}`;
      if (again === undefined) return `${text}\n    (alone: cannot be made again)`;
      const object = (await reports([target.source])).get(target.id);
      const second = object === undefined ? ['not in the report'] : mistakes(again, object);
      await restore({ target, edit: again });
      return `${text}\n    (alone: ${second.length === 0 ? 'right' : 'the same'})`;
    }

    function checkLine(item: Made, object: ObjectReport): void {
      const { candidate, desired, node } = item.edit;
      const expected = expectationOf(item.edit);
      if (!expected.listed || expected.status === 'ignored') return;
      const path = writtenPath(desired, candidate.path);
      const git = declaredAt(desired, candidate.path, node);
      const name = nameOf(desired);
      const places = spelled.get(item.target.source)?.find({ kind: desired.kind, name }, path, git);
      if (places === undefined) return;
      const change = object.changes[0];
      const { file, line } = change?.location ?? {};
      // An atomic value is found at one of its items.
      const isRight = places.some(
        (place) =>
          place.file === file &&
          (place.lines.includes(line ?? 0) || (candidate.type === 'atomic' && (line ?? 0) >= Math.min(...place.lines))),
      );
      if (isRight) lines.right++;
      else {
        lines.wrong++;
        wrongLines.push(`${describeEdit(item)}\n    at ${String(file)}:${String(line)}, not ${JSON.stringify(places)}`);
      }
    }

    const tally = (key: (item: Made) => string): string =>
      [...Map.groupBy(all, key)]
        .map(([name, items]) => `${name} ${items.length}`)
        .sort()
        .join(', ');
    t.diagnostic(`edits ${all.length}; seconds ${JSON.stringify(seconds)}`);
    t.diagnostic(`operations: ${tally(({ edit }) => edit.operation.name)}`);
    t.diagnostic(`changes: ${tally(({ edit }) => edit.candidate.change)}`);
    t.diagnostic(`types: ${tally(({ edit }) => edit.candidate.type)}`);
    t.diagnostic(
      `expected: ${tally(({ edit }) => (({ listed, status }) => (listed ? String(status) : 'not listed'))(expectationOf(edit)))}`,
    );
    t.diagnostic(`lines right ${lines.right}, wrong ${lines.wrong}`);
    for (const text of wrongLines.slice(0, 20)) t.diagnostic(`line: ${text}`);
    assert.equal(
      failures.length,
      0,
      `seed ${seed}, ${failures.length} of ${all.length}:\n${failures.slice(0, 40).join('\n')}`,
    );
    assert.ok(all.length >= wanted, `${all.length} edits`);
    assert.ok(lines.right / (lines.right + lines.wrong) >= 0.99, `lines: ${JSON.stringify(lines)}`);
  });
});

function withVersion(object: KubeObject, live: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: live.metadata['resourceVersion'] ?? '' } };
}
