import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Json, equalJson, listAt, stringAt } from '../../src/core/json.ts';
import { type KubeObject, describeKey, keyText, nameOf, namespaceOf } from '../../src/core/kube/objectKey.ts';
import type { ObjectReport } from '../../src/core/report.ts';
import type { Location, PathSegment } from '../../src/core/location.ts';
import { formatPath, isUnder } from '../../src/core/schema/path.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import { type Candidate, candidatesOf } from '../support/campaign/candidates.ts';
import { type Edit, declaredAt, expectationOf, mistakes, writtenPath } from '../support/campaign/expectation.ts';
import { type Operation, type Target as OperationTarget, operations, pathOf } from '../support/campaign/operations.ts';
import { type Cell, cells, missingFrom, occasional, quotaFor } from '../support/campaign/quota.ts';
import { deliverRare } from '../support/campaign/rareManifests.ts';
import { SpelledLines } from '../support/campaign/spelledLines.ts';
import {
  type DeliveredSource,
  corporaCluster,
  corporaClusterSkip,
  deliverCorpora,
  disposeSources,
} from '../support/deliveredCorpora.ts';
import { until } from '../rig/cluster/until.ts';
import type { Way } from '../support/deliver.ts';
import { DriftCheck } from '../support/driftCheck.ts';
import { Random } from '../support/random.ts';

/** One seed by default, so that a red main says something of the commit; any other looks for what is new. */
const seed = Number(process.env['PLUMBLINE_SEED'] ?? 105);
/** A whole campaign has 1,000 (docs/testing.md); as many as fit into a run of the tier by default. */
const wanted = Number(process.env['PLUMBLINE_EDITS'] ?? 320);

/** Objects that are worked on at once. */
const atOnce = 4;

/** Kinds whose deletion takes nothing else along, so that the object can be put back. */
const deletable: ReadonlySet<string> = new Set([
  ...['ConfigMap', 'Secret', 'Service', 'ServiceAccount', 'Deployment', 'DaemonSet', 'CronJob', 'PodDisruptionBudget'],
  ...['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding', 'NetworkPolicy', 'HorizontalPodAutoscaler'],
  ...['ServiceMonitor', 'PodMonitor', 'PrometheusRule', 'HelmRepository'],
]);

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

interface Choice {
  operation: Operation;
  candidate: Candidate;
}

interface Deleted {
  target: LiveTarget;
  before: KubeObject;
}

const cellOf = (operation: Operation, { change, type }: Candidate): Cell => `${operation.name}, ${change}, ${type}`;
const deletion: Cell = 'delete, deleted, object';

/** Runs a task for each item, a few at once. */
async function each<T>(items: Iterable<T>, run: (item: T) => Promise<void>): Promise<void> {
  const open = [...items].reverse();
  const worker = async (): Promise<void> => {
    for (let item = open.pop(); item !== undefined; item = open.pop()) await run(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

describe('a campaign of edits', { skip: await corporaClusterSkip() }, () => {
  let plane: ControlPlane;
  let check: DriftCheck;
  let sources: DeliveredSource[] = [];
  const targets: LiveTarget[] = [];
  const spelled = new Map<DeliveredSource, SpelledLines>();
  const random = new Random(seed);
  /** Objects whose replicas are an autoscaler's, which puts them back when it likes. */
  const autoscaled = new Set<string>();
  /** How many objects an edit of each kind can be made on. */
  const offers = new Map<Cell, number>();
  const refusals = new Map<Cell, number>();

  before(async () => {
    plane = await startControlPlane(corporaCluster);
    check = new DriftCheck(plane);
    // Both ways side by side: each source by the other way than the one before.
    const wayOf = (index: number): Way => ((index + seed) % 2 === 0 ? 'server-side' : 'client-side');
    sources = await deliverCorpora(plane, wayOf);
    sources.push(await deliverRare(plane, wayOf(sources.length)));
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
    for (const { desired } of targets) {
      if (desired.kind !== 'HorizontalPodAutoscaler') continue;
      const [kind, name] = ['kind', 'name'].map((field) => stringAt(desired, 'spec', 'scaleTargetRef', field) ?? '');
      autoscaled.add(`${kind}/${namespaceOf(desired)}/${name}`);
    }
    await each(targets, async (target) => {
      for (const cell of choicesFor(target, await get(target)).keys()) offers.set(cell, (offers.get(cell) ?? 0) + 1);
    });
  });
  after(async () => {
    check.dispose();
    await plane.stop();
    await disposeSources(sources);
  });

  async function find(target: LiveTarget): Promise<KubeObject | undefined> {
    const reply = await plane.api.get(pathOf(target.resource, target.desired));
    if (reply.status === 404) return undefined;
    assert.equal(reply.status, 200, `${target.id}: ${reply.body.slice(0, 200)}`);
    return JSON.parse(reply.body) as KubeObject;
  }

  async function get(target: LiveTarget): Promise<KubeObject> {
    const object = await find(target);
    assert.ok(object, `${target.id} is there`);
    return object;
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

  function choicesFor(target: LiveTarget, live: KubeObject): Map<Cell, Choice[]> {
    const choices = new Map<Cell, Choice[]>();
    const isAutoscaled = autoscaled.has(`${live.kind}/${namespaceOf(live)}/${nameOf(live)}`);
    for (const candidate of candidatesOf(live, target.desired, target.node)) {
      if (isAutoscaled && formatPath(candidate.path) === 'spec.replicas') continue;
      for (const operation of operations) {
        if (!operation.can(candidate, target.resource)) continue;
        const cell = cellOf(operation, candidate);
        const known = choices.get(cell);
        if (known === undefined) choices.set(cell, [{ operation, candidate }]);
        else known.push({ operation, candidate });
      }
    }
    if (mayGo(target, live)) choices.set(deletion, []);
    return choices;
  }

  /** What is still missing first, the rarer the sooner; then what was made least. */
  function urgency(cell: Cell, made: ReadonlyMap<Cell, number>): number {
    const times = made.get(cell) ?? 0;
    if (times >= Math.max(1, quotaFor(wanted))) return 1 + times;
    // What is refused again and again must not hold up the rest, and is not made by being refused.
    return (offers.get(cell) ?? 0) / 1_000_000 + (refusals.get(cell) ?? 0) / 20;
  }

  /** One edit of the object, of the kind that is wanted most. */
  async function editOne(target: LiveTarget, made: Map<Cell, number>): Promise<Made | Deleted | undefined> {
    let live = await get(target);
    const choices = choicesFor(target, live);
    const count = (cell: Cell, by: number): void => void made.set(cell, (made.get(cell) ?? 0) + by);
    for (let attempt = 0; attempt < attempts && choices.size > 0; attempt++) {
      const [cell] = random.shuffle([...choices.keys()]).sort((a, b) => urgency(a, made) - urgency(b, made));
      if (cell === undefined) return undefined;
      // Counted at once: others choose meanwhile.
      count(cell, 1);
      if (cell === deletion) {
        await plane.api.send('DELETE', pathOf(target.resource, target.desired), { propagationPolicy: 'Background' });
        return { target, before: live };
      }
      const { operation, candidate } = random.pick(choices.get(cell) ?? []);
      const edit = await send(target, operation, candidate, live);
      if (edit !== undefined) return { target, edit };
      count(cell, -1);
      refusals.set(cell, (refusals.get(cell) ?? 0) + 1);
      live = await get(target);
    }
    return undefined;
  }

  /** Whether the object can be deleted without harm to others, and others of its source show that it was applied. */
  function mayGo({ source, desired }: LiveTarget, live: KubeObject): boolean {
    const finalizers = listAt(live, 'metadata', 'finalizers');
    const siblings = targets.filter((other) => other.source === source).length;
    return deletable.has(desired.kind) && finalizers.length === 0 && siblings > 5;
  }

  /** Puts the object back as it was, owners included: the first request restores the fields, the second who owns them. */
  async function restore(target: LiveTarget, before: KubeObject): Promise<void> {
    const path = pathOf(target.resource, target.desired);
    const { managedFields = [], uid: _uid, ...metadata } = before.metadata;
    const put = async (object: KubeObject, from: KubeObject): Promise<KubeObject> => {
      // Whatever was deleted and made again has another uid.
      const { resourceVersion = '', uid = '' } = from.metadata;
      const sent = { ...object, metadata: { ...object.metadata, resourceVersion, uid } };
      return (await plane.api.send('PUT', path, sent)) as KubeObject;
    };
    const fields = async (): Promise<true> => {
      const now = await find(target);
      const { resourceVersion: _version, ...fresh } = metadata;
      const collection = path.slice(0, path.lastIndexOf('/'));
      if (now === undefined) await plane.api.send('POST', collection, { ...before, metadata: fresh });
      else await put(before, now);
      return true;
    };
    // Apart from the fields: their restoring wakes controllers, whose writes come in between.
    const owners = async (): Promise<true> => {
      const now = await get(target);
      await put({ ...now, metadata: { ...now.metadata, managedFields } }, now);
      return true;
    };
    await until(`${target.id} is put back`, fields, { timeout: 20_000 });
    await until(`${target.id} has its owners back`, owners, { timeout: 20_000 });
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
    const counts = new Map<Cell, number>();
    const all: Made[] = [];
    const deleted: Deleted[] = [];
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
    const done = (): number => all.length + deleted.length;

    for (let round = 1; done() < wanted && round <= 12; round++) {
      const made: Made[] = [];
      const gone: Deleted[] = [];
      await timed('edit', () =>
        each(random.shuffle(targets), async (target) => {
          if (done() + made.length + gone.length >= wanted) return;
          const edited = await editOne(target, counts);
          if (edited === undefined) return;
          if ('edit' in edited) made.push(edited);
          else gone.push(edited);
        }),
      );
      const found = await timed('check', () => reports(sources));
      const suspects: Made[] = [];
      const byId = new Map(made.map((item) => [item.target.id, item]));
      const goneIds = new Set(gone.map(({ target }) => target.id));
      for (const target of targets) {
        const object = found.get(target.id);
        const item = byId.get(target.id);
        if (goneIds.has(target.id)) checkDeleted(target, object);
        else if (item === undefined) {
          for (const change of object?.changes ?? [])
            failures.push(`${target.id}: not edited, but ${change.path} is ${change.status}`);
        } else if (object === undefined) failures.push(`${describeEdit(item)}\n    is not in the report`);
        else if (mistakes(item.edit, object).length > 0) suspects.push(item);
        else checkLine(item, object);
      }
      all.push(...made);
      deleted.push(...gone);
      // After the last round nobody looks at the objects any more.
      if (done() < wanted || suspects.length > 0) {
        await timed('restore', async () => {
          await each(made, ({ target, edit }) => restore(target, edit.before));
          await each(gone, ({ target, before }) => restore(target, before));
          for (const item of suspects) failures.push(await alone(item, found));
        });
      }
      t.diagnostic(`round ${round}: ${made.length + gone.length} edits, ${failures.length} failures so far`);
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
      const live = await get(target);
      const now = JSON.stringify(declaredAt(live, edit.candidate.path, edit.node) ?? null).slice(0, 200);
      const owners = listAt(live, 'metadata', 'managedFields').map((entry) =>
        ['manager', 'operation', 'subresource'].map((name) => stringAt(entry, name) ?? '').join('/'),
      );
      await restore(target, again.before);
      return `${text}\n    (alone: ${second.length === 0 ? 'right' : 'the same'}; live is ${now}; ${owners.join(' ')})`;
    }

    function checkDeleted(target: LiveTarget, object: ObjectReport | undefined): void {
      if (object?.status !== 'missing') failures.push(`${target.id}: deleted, but ${object?.status ?? 'not reported'}`);
      else countLine(target, [{ field: 'kind' }], object.location, `${target.id}: deleted`);
    }

    function checkLine(item: Made, object: ObjectReport): void {
      const { candidate, desired, node } = item.edit;
      const expected = expectationOf(item.edit);
      if (!expected.listed || expected.status === 'ignored') return;
      const path = writtenPath(desired, candidate.path);
      const [change] = object.changes;
      if (change === undefined) return;
      // What took its container along is told of the container, and stands on its line.
      const told = isUnder(path, change.segments) ? change.segments : path;
      const git = declaredAt(desired, told, node);
      countLine(item.target, told, change.location, describeEdit(item), git, candidate.type === 'atomic');
    }

    /** An atomic value may be found at one of its items. */
    function countLine(
      target: LiveTarget,
      path: readonly PathSegment[],
      location: Location | undefined,
      text: string,
      value?: Json,
      isAtomic = false,
    ): void {
      const name = nameOf(target.desired);
      const places = spelled.get(target.source)?.find({ kind: target.desired.kind, name }, path, value);
      if (places === undefined) return;
      const { file, line = 0 } = location ?? {};
      const isRight = places.some(
        (place) =>
          place.file === file && (place.lines.includes(line) || (isAtomic && line >= Math.min(...place.lines))),
      );
      if (isRight) lines.right++;
      else {
        lines.wrong++;
        wrongLines.push(`${text}\n    at ${String(file)}:${line}, not ${JSON.stringify(places)}`);
      }
    }

    const tally = <T>(items: readonly T[], key: (item: T) => string): string =>
      [...Map.groupBy(items, key)]
        .map(([name, group]) => `${name} ${group.length}`)
        .sort()
        .join(', ');
    const made = new Map<Cell, number>([[deletion, deleted.length]]);
    for (const { edit } of all) {
      const cell = cellOf(edit.operation, edit.candidate);
      made.set(cell, (made.get(cell) ?? 0) + 1);
    }
    const quota = quotaFor(wanted);
    const unmet = cells.filter((cell) => (made.get(cell) ?? 0) < quota);
    t.diagnostic(`edits ${done()}; seconds ${JSON.stringify(seconds)}`);
    t.diagnostic(`kinds of edit: ${cells.length}, each at least ${quota} times; least ${leastOf(made)}`);
    t.diagnostic(`operations: ${tally(all, ({ edit }) => edit.operation.name)}, delete ${deleted.length}`);
    t.diagnostic(`changes: ${tally(all, ({ edit }) => edit.candidate.change)}`);
    t.diagnostic(`types: ${tally(all, ({ edit }) => edit.candidate.type)}`);
    t.diagnostic(
      `expected: ${tally(all, ({ edit }) => (({ listed, status }) => (listed ? String(status) : 'not listed'))(expectationOf(edit)))}`,
    );
    t.diagnostic(`lines right ${lines.right}, wrong ${lines.wrong}`);
    for (const text of wrongLines.slice(0, 20)) t.diagnostic(`line: ${text}`);
    assert.equal(
      failures.length,
      0,
      `seed ${seed}, ${failures.length} of ${done()}:\n${failures.slice(0, 40).join('\n')}`,
    );
    assert.ok(done() >= wanted, `${done()} edits`);
    assert.deepEqual(missingFrom([...made.keys()].filter((cell) => (made.get(cell) ?? 0) > 0)), [], 'never made');
    assert.deepEqual(
      unmet.map((cell) => `${cell}: ${made.get(cell) ?? 0}`),
      [],
      `made less than ${quota} times`,
    );
    assert.deepEqual(
      [...made.keys()].filter((cell) => !cells.includes(cell) && !occasional.includes(cell)),
      [],
      'not in the table',
    );
    assert.ok(lines.right / (lines.right + lines.wrong) >= 0.99, `lines: ${JSON.stringify(lines)}`);
  });
});

function leastOf(made: ReadonlyMap<Cell, number>): string {
  const least = cells.toSorted((a, b) => (made.get(a) ?? 0) - (made.get(b) ?? 0)).slice(0, 8);
  return least.map((cell) => `${cell} ${made.get(cell) ?? 0}`).join('; ');
}

function withVersion(object: KubeObject, live: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: live.metadata['resourceVersion'] ?? '' } };
}
