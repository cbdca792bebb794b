import assert from 'node:assert/strict';
import type { DriftReport, ObjectReport, PlanList, PlanReport, PlanStep } from '../../src/core/report.ts';
import type { Clone } from '../rig/cluster/clone.ts';
import type { ControlPlane } from '../rig/cluster/controlPlane.ts';
import { until } from '../rig/cluster/until.ts';
import { type Answer, cliOn } from './cliOn.ts';
import { namespace } from './loopApplication.ts';

interface LiveObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  [field: string]: unknown;
}

/** Kinds that are read before and after each step, as kubectl names them. */
const kinds = 'deployments,services,configmaps';

/** Plumbline's command line on the application of the loops, as a person uses it. */
export class Loop {
  readonly plane: ControlPlane;
  readonly clone: Clone;
  /** The application's id. */
  readonly app: string;
  /** Steps of all plans that were held against what happened, and objects whose fields were. */
  readonly counts = { plans: 0, steps: 0, fields: 0 };

  constructor(plane: ControlPlane, clone: Clone, app: string) {
    this.plane = plane;
    this.clone = clone;
    this.app = app;
  }

  run(command: string, ...args: string[]): Promise<Answer> {
    return cliOn(this.plane, this.clone.folder)(command, '--app', this.app, ...args);
  }

  async drift(): Promise<DriftReport> {
    const answer = await this.run('drift', '--output', 'json');
    assert.ok(answer.code === 0 || answer.code === 1, `${answer.stdout}\n${answer.stderr}`);
    return JSON.parse(answer.stdout) as DriftReport;
  }

  /** Objects that are not synced, by `Kind/name status`. */
  async findings(): Promise<string[]> {
    const report = await this.drift();
    assert.deepEqual(report.problems, []);
    return report.applications.flatMap((application) =>
      application.objects.filter((object) => object.status !== 'synced').map(statusText),
    );
  }

  async preview(...args: string[]): Promise<PlanReport> {
    const answer = await this.run('preview', '--output', 'json', '--predicted', ...args);
    assert.ok(answer.code === 0 || answer.code === 1, `${answer.stdout}\n${answer.stderr}`);
    const list = JSON.parse(answer.stdout) as PlanList;
    assert.deepEqual(list.problems, []);
    const [plan] = list.plans;
    assert.ok(plan, answer.stdout);
    assert.equal(answer.code, plan.summary.blocked > 0 ? 1 : 0);
    return plan;
  }

  /** Previews, does it, and holds every step of the plan against what the cluster became. Answers the plan. */
  async foretold(act: () => Promise<void>, ...args: string[]): Promise<PlanReport> {
    const before = await this.live();
    const plan = await this.preview(...args);
    await act();
    await this.gone(plan);
    const after = await this.live();
    this.compare(plan, before, after);
    return plan;
  }

  async sync(...args: string[]): Promise<Answer> {
    return this.run('sync', '--yes', '--timeout', '60', ...args);
  }

  /** Syncs and expects success. */
  async synced(...args: string[]): Promise<void> {
    const answer = await this.sync('--wait', ...args);
    assert.equal(answer.code, 0, `${answer.stdout}\n${answer.stderr}`);
  }

  /** The objects of the loop as they are live, by `Kind/name`. */
  async live(): Promise<Map<string, LiveObject>> {
    const text = await this.plane.kubectl(['get', kinds, '--namespace', namespace, '--output=json']);
    const { items } = JSON.parse(text) as { items: LiveObject[] };
    const own = items.filter(
      ({ kind, metadata: { name } }) =>
        name !== 'kube-root-ca.crt' && !(kind === 'ConfigMap' && name.startsWith('plumbline-')),
    );
    return new Map(own.map((object) => [nameText(object), object]));
  }

  /** Background deletion takes a moment. */
  private async gone(plan: PlanReport): Promise<void> {
    const pruned = plan.steps.filter((step) => step.action === 'prune').map(stepName);
    if (pruned.length === 0) return;
    await until(`${pruned.join(', ')} gone`, async () => {
      const now = await this.live();
      return pruned.every((name) => !now.has(name));
    }).catch(() => undefined);
  }

  private compare(plan: PlanReport, before: Map<string, LiveObject>, after: Map<string, LiveObject>): void {
    this.counts.plans++;
    const planned = new Map(plan.steps.map((step) => [stepName(step), step]));
    const happened = [...new Set([...before.keys(), ...after.keys(), ...planned.keys()])]
      .filter((name) => planned.has(name) || owned(before.get(name) ?? after.get(name)))
      .sort();
    assert.deepEqual(
      happened.map((name) => `${name} ${expectation(planned.get(name))}`),
      happened.map((name) => `${name} ${outcome(before.get(name), after.get(name))}`),
      'the plan is what happened',
    );
    this.counts.steps += plan.steps.length;
    for (const step of plan.steps) {
      const object = after.get(stepName(step));
      if (step.predicted === undefined || object === undefined || step.action === 'blocked') continue;
      assert.deepEqual(comparable(object), comparable(step.predicted as unknown as LiveObject), stepName(step));
      this.counts.fields++;
    }
  }
}

/** Paths of the fields that a plan changes in the objects of a name. */
export function changedPaths(plan: PlanReport, name: string): string[] {
  return plan.steps.filter((step) => step.name === name).flatMap((step) => step.changes.map((change) => change.path));
}

function statusText(object: ObjectReport): string {
  return `${object.kind}/${object.name} ${object.status}`;
}

function nameText(object: LiveObject): string {
  return `${object.kind}/${object.metadata.name}`;
}

function stepName(step: PlanStep): string {
  return `${step.kind}/${step.name}`;
}

/** Whether an engine made it; what controllers make is not in plans. */
function owned(object: LiveObject | undefined): boolean {
  const labels = Object.keys(object?.metadata.labels ?? {});
  return labels.some((label) => /^(kustomize\.toolkit\.fluxcd\.io|applyset\.kubernetes\.io)\//.test(label));
}

function expectation(step: PlanStep | undefined): string {
  switch (step?.action) {
    case 'create':
      return 'created';
    case 'configure':
      return 'changed';
    case 'prune':
      return 'deleted';
    case 'recreate':
      return 'recreated';
    default:
      return 'left';
  }
}

function outcome(before: LiveObject | undefined, after: LiveObject | undefined): string {
  if (before === undefined) return after === undefined ? 'left' : 'created';
  if (after === undefined) return 'deleted';
  if (uidOf(before) !== uidOf(after)) return 'recreated';
  return JSON.stringify(comparable(before)) === JSON.stringify(comparable(after)) ? 'left' : 'changed';
}

function uidOf(object: LiveObject): unknown {
  return (object.metadata as Record<string, unknown>)['uid'];
}

/** Without what the server stamps and controllers write: both sides of a comparison go through it. */
function comparable(object: LiveObject): unknown {
  const { status: _status, ...rest } = structuredClone(object) as LiveObject & Record<string, unknown>;
  const metadata = rest.metadata as Record<string, unknown>;
  for (const name of ['managedFields', 'resourceVersion', 'uid', 'generation', 'creationTimestamp'])
    delete metadata[name];
  const annotations = metadata['annotations'] as Record<string, string> | undefined;
  // The deployment controller's own.
  if (annotations !== undefined) delete annotations['deployment.kubernetes.io/revision'];
  if (annotations !== undefined && Object.keys(annotations).length === 0) delete metadata['annotations'];
  const spec = rest['spec'] as Record<string, unknown> | undefined;
  // Allocated when the Service is really made.
  for (const name of ['clusterIP', 'clusterIPs']) if (spec !== undefined) delete spec[name];
  return sorted(rest);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
