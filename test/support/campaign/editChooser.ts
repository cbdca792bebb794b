import { type Json, equalJson, listAt } from '../../../src/core/json.ts';
import type { KubeObject } from '../../../src/core/kube/objectKey.ts';
import { formatPath } from '../../../src/core/schema/path.ts';
import type { Random } from '../random.ts';
import type { CampaignCluster, LiveTarget } from './campaignCluster.ts';
import { type Candidate, candidatesOf } from './candidates.ts';
import type { Edit } from './expectation.ts';
import { type Operation, operations } from './operations.ts';
import { type Cell, quotaFor } from './quota.ts';

export interface Made {
  target: LiveTarget;
  edit: Edit;
}

export interface Deleted {
  target: LiveTarget;
  before: KubeObject;
}

interface Choice {
  operation: Operation;
  candidate: Candidate;
}

/** Kinds whose deletion takes nothing else along, so that the object can be put back. */
const deletable: ReadonlySet<string> = new Set([
  ...['ConfigMap', 'Secret', 'Service', 'ServiceAccount', 'Deployment', 'DaemonSet', 'CronJob', 'PodDisruptionBudget'],
  ...['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding', 'NetworkPolicy', 'HorizontalPodAutoscaler'],
  ...['ServiceMonitor', 'PodMonitor', 'PrometheusRule', 'HelmRepository'],
]);

/** Edits that the server refuses are thought again, so many times per object and round. */
const attempts = 8;

export const cellOf = (operation: Operation, { change, type }: Candidate): Cell =>
  `${operation.name}, ${change}, ${type}`;
export const deletion: Cell = 'delete, deleted, object';

/** Makes edits at random, and of what is possible on an object the kind that the campaign has made least. */
export class EditChooser {
  readonly #cluster: CampaignCluster;
  readonly #random: Random;
  readonly #wanted: number;
  readonly #made: Map<Cell, number>;
  /** How many objects an edit of each kind can be made on. */
  readonly #offers = new Map<Cell, number>();
  readonly #refusals = new Map<Cell, number>();

  /** `made` is counted on by all choosers of a campaign. */
  constructor(cluster: CampaignCluster, random: Random, wanted: number, made: Map<Cell, number>) {
    this.#cluster = cluster;
    this.#random = random;
    this.#wanted = wanted;
    this.#made = made;
  }

  /** Looks once at an object for what could be done to it. */
  async look(target: LiveTarget): Promise<void> {
    for (const cell of this.#choicesFor(target, await this.#cluster.get(target)).keys()) {
      this.#offers.set(cell, (this.#offers.get(cell) ?? 0) + 1);
    }
  }

  /** One edit of the object, of the kind that is wanted most; undefined where the server takes none. */
  async editOne(target: LiveTarget): Promise<Made | Deleted | undefined> {
    let live = await this.#cluster.get(target);
    const choices = this.#choicesFor(target, live);
    for (let attempt = 0; attempt < attempts && choices.size > 0; attempt++) {
      const shuffled = this.#random.shuffle([...choices.keys()]);
      const [cell] = shuffled.sort((a, b) => this.#urgency(a) - this.#urgency(b));
      if (cell === undefined) return undefined;
      // Counted at once: others choose meanwhile.
      this.#count(cell, 1);
      if (cell === deletion) {
        await this.#cluster.delete(target);
        return { target, before: live };
      }
      const { operation, candidate } = this.#random.pick(choices.get(cell) ?? []);
      const edit = await sendEdit(this.#cluster, target, operation, candidate, live);
      if (edit !== undefined) return { target, edit };
      this.#count(cell, -1);
      this.#refusals.set(cell, (this.#refusals.get(cell) ?? 0) + 1);
      live = await this.#cluster.get(target);
    }
    return undefined;
  }

  #count(cell: Cell, by: number): void {
    this.#made.set(cell, (this.#made.get(cell) ?? 0) + by);
  }

  #choicesFor(target: LiveTarget, live: KubeObject): Map<Cell, Choice[]> {
    const choices = new Map<Cell, Choice[]>();
    const isAutoscaled = this.#cluster.isAutoscaled(live);
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
    if (this.#mayGo(target, live)) choices.set(deletion, []);
    return choices;
  }

  /** What is still missing first, the rarer the sooner; then what was made least. */
  #urgency(cell: Cell): number {
    const times = this.#made.get(cell) ?? 0;
    if (times >= Math.max(1, quotaFor(this.#wanted))) return 1 + times;
    // What is refused again and again must not hold up the rest, and is not made by being refused.
    return (this.#offers.get(cell) ?? 0) / 1_000_000 + (this.#refusals.get(cell) ?? 0) / 20;
  }

  /** Whether the object can be deleted without harm to others, and others of its source show that it was applied. */
  #mayGo({ source, desired }: LiveTarget, live: KubeObject): boolean {
    const finalizers = listAt(live, 'metadata', 'finalizers');
    const siblings = this.#cluster.targets.filter((other) => other.source === source).length;
    return deletable.has(desired.kind) && finalizers.length === 0 && siblings > 5;
  }
}

/** Sends one edit; undefined where the server refuses it or nothing comes of it. */
export async function sendEdit(
  { plane }: CampaignCluster,
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

/** Everything outside of status and bookkeeping, to see whether a request changed something. */
function content(object: KubeObject): Json {
  const { managedFields: _1, resourceVersion: _2, generation: _3, ...metadata } = object.metadata;
  const { status: _4, ...rest } = object;
  return { ...rest, metadata };
}
