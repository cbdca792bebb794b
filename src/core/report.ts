import type { Json } from './json.ts';
import type { Location, PathSegment } from './location.ts';
import type { Problem } from './problem.ts';

/** See design §2: every status word is explained there and in docs/drift-semantics.md. */
export type ObjectStatus = 'synced' | 'drifted' | 'pending' | 'conflict' | 'missing' | 'create' | 'extra' | 'unknown';

export type EngineName = 'direct' | 'flux' | 'argocd';
export type SourceKind = 'directory' | 'kustomize' | 'helm';
export type Health = 'healthy' | 'progressing' | 'degraded' | 'suspended' | 'missing' | 'unknown';
export type Cause = 'edit' | 'controller' | 'webhook' | 'default' | 'format' | 'unknown';
export type Next = 'reverted' | 'kept' | 'unknown';
export type ChangeBasis = 'revision' | 'last-applied' | 'release' | 'managed-fields';
export type ChangeStatus = 'drifted' | 'pending' | 'conflict' | 'ignored' | 'undetermined';

export interface FieldManager {
  name: string;
  operation: 'Apply' | 'Update';
  subresource?: string;
  /** RFC 3339; absent where the API server keeps none (`scale`). */
  time?: string;
}

/** One field on which Git and cluster differ (design §5). */
export interface FieldChange {
  /** For people: `spec.template.spec.containers[name=web].image`. */
  path: string;
  segments: PathSegment[];
  op: 'changed' | 'added' | 'removed';
  status: ChangeStatus;
  basis: ChangeBasis;
  cause: Cause;
  next: Next;
  desired?: Json;
  applied?: Json;
  live?: Json;
  /** Values are withheld because they are or may be secret; then none of desired, applied and live is set. */
  masked?: true;
  managers: FieldManager[];
  location?: Location;
  /** Why it is said so, where the other members do not show it: `removed, by whom unknown`. */
  note?: string;
}

export interface ObjectReport {
  group: string;
  version: string;
  kind: string;
  namespace: string;
  name: string;
  status: ObjectStatus;
  health?: Health;
  /** What the health means to a person. */
  healthMessage?: string;
  /** Why it has this status, where its changes do not show it. */
  note?: string;
  location?: Location;
  changes: FieldChange[];
}

/** What stands between a commit and the cluster (design §2). */
export interface Gate {
  kind:
    | 'not-pushed'
    | 'not-fetched'
    | 'suspended'
    | 'auto-sync-off'
    | 'sync-window'
    | 'dependency-not-ready'
    | 'wrong-branch'
    | 'policy-denial'
    | 'failing'
    /** The engine's object stands in a file and is not in the cluster. */
    | 'not-applied';
  message: string;
  remedy?: string;
}

/** Where an application was found (design §2). */
export type FoundIn = 'flux' | 'argocd' | 'derived' | 'configured';

/** What an engine that compares by itself says of the difference between Git and cluster (Argo CD `status.sync`). */
export interface EngineSync {
  status: 'synced' | 'out-of-sync' | 'unknown';
  /** The commit that it compared with, which it need not have applied. */
  revision?: string;
}

export interface ApplicationReport {
  id: string;
  name: string;
  engine: EngineName;
  foundIn?: FoundIn;
  source: { kind: SourceKind; path: string; revision: string };
  control?: { context: string; namespace: string; name: string };
  destination: { context: string; namespace?: string };
  applied?: { revision: string; at: string };
  gates: Gate[];
  /** The engine's own word of it, where it has one. */
  sync?: EngineSync;
  health?: Health;
  healthMessage?: string;
  /** Why its objects are not compared here, as one sentence without a full stop. */
  notCompared?: string;
  /** The file that makes it an application. */
  declared?: Location;
  objects: ObjectReport[];
}

export type DriftSummary = Record<ObjectStatus | 'objects' | 'ignored', number>;

/** What `plumbline drift` prints and every view shows. Plain, immutable, without a secret value. */
export interface DriftReport {
  kind: 'DriftReport';
  version: 1;
  /** RFC 3339 */
  at: string;
  applications: ApplicationReport[];
  problems: Problem[];
  summary: DriftSummary;
}

export type PlanAction = 'create' | 'configure' | 'recreate' | 'prune' | 'unchanged' | 'skip' | 'blocked';

export interface PlanStep {
  group: string;
  version: string;
  kind: string;
  namespace: string;
  name: string;
  action: PlanAction;
  /** Steps of a lower wave come first; within a wave the order of the list holds. */
  wave: number;
  basis: 'server' | 'simulated';
  reasons: string[];
  destroysData?: true;
  changes: FieldChange[];
  /** The object as it will be, Secret values masked; only where it was asked for. */
  predicted?: Json;
  location?: Location;
}

export interface PlanReport {
  application: string;
  context: string;
  from: string;
  to: string;
  gates: Gate[];
  steps: PlanStep[];
  summary: Record<PlanAction, number>;
}

export interface PlanList {
  kind: 'PlanList';
  version: 1;
  at: string;
  plans: PlanReport[];
  problems: Problem[];
}

/** What `plumbline apps` prints. */
export interface ApplicationList {
  kind: 'ApplicationList';
  version: 1;
  at: string;
  applications: Omit<ApplicationReport, 'objects'>[];
  problems: Problem[];
}

/** One revision that an engine applied, or tried to. */
export interface HistoryEntry {
  /** Full commit id. */
  revision: string;
  /** When it was applied (RFC 3339), where that is known. */
  at?: string;
  /** Who asked for it, where the engine keeps that: a person's name, or what applies by itself. */
  by?: string;
  outcome: 'succeeded' | 'failed' | 'unknown';
  /** Whether it became healthy, where the engine says so. */
  healthy?: boolean;
  /** It is what the cluster was last given. */
  current?: true;
  /** Of the commit, where the clone has it. */
  subject?: string;
  author?: string;
  /** The engine's words, mostly of a failure. */
  message?: string;
}

export interface ApplicationHistory {
  application: string;
  name: string;
  engine: EngineName;
  context: string;
  /** Newest first. */
  entries: HistoryEntry[];
  /** False where nothing keeps more than the last one. */
  complete: boolean;
}

/** What `plumbline history` prints. */
export interface History {
  kind: 'History';
  version: 1;
  /** RFC 3339 */
  at: string;
  histories: ApplicationHistory[];
  problems: Problem[];
}
