import type { JsonObject } from '../json.ts';
import { type KubeObject, groupVersionKindOf, nameOf, namespaceOf } from '../kube/objectKey.ts';
import type { PathSegment } from '../location.ts';
import { formatServerPath } from '../schema/path.ts';
import type { SchemaNode } from '../schema/schemaNode.ts';
import { type SchemaFinding, describeFindings, validateObject } from '../schema/validate.ts';
import { type ApplyResult, applyConfiguration } from './applyConfiguration.ts';
import { type Comparison, compareObjects } from './compare.ts';
import { type FieldSet, emptyFieldSet } from './fieldSet.ts';
import { fieldsOfLastApplied, withUpdatedLastApplied } from './lastApplied.ts';
import {
  type ManagedFieldsEntry,
  ManagerTable,
  managerId,
  readManagedFields,
  withManagedFields,
  withoutManagedFields,
} from './managedFields.ts';
import type { Conflict } from './managers.ts';
import { statusFields, unownedMetadata, withoutReset } from './serverFields.ts';
import { trackUpdate } from './serverUpdate.ts';

export interface ServerApplyInput {
  /** As the API server holds it, managedFields included; undefined where it does not exist. */
  live?: KubeObject | undefined;
  config: KubeObject;
  manager: string;
  force: boolean;
  node: SchemaNode;
  /** RFC 3339 with seconds; the time of the manager's entry where the object changes. */
  now: string;
  subresource?: string;
  /** Fields that this resource does not let a writer change; `status` where absent (semantics M-15). */
  reset?: FieldSet;
  /** Entries of versions that the server serves no longer are dropped (semantics M-14). All are served where absent. */
  isServed?: (apiVersion: string) => boolean;
}

/** One field of a 409 answer (semantics M-13). */
interface ServerConflict {
  manager: string;
  operation: 'Apply' | 'Update';
  subresource?: string;
  segments: PathSegment[];
  /** Path and text of the answer's cause: `.spec.replicas`, `conflict with "kubectl" using apps/v1`. */
  field: string;
  message: string;
}

export type ServerApplyResult =
  | {
      /** `unchanged`: the object is what it was, though its managedFields may not be. */
      result: 'ok' | 'unchanged';
      /** Before defaulting and validation, managedFields included. */
      object: KubeObject;
      comparison: Comparison;
    }
  | { result: 'conflict'; conflicts: ServerConflict[]; error: string }
  /** `code` is the HTTP status. A schema error is a 500 that a manifest causes (semantics N-12, X-5). */
  | { result: 'invalid'; code: 400 | 500; error: string; findings: SchemaFinding[] };

/**
 * Server-side apply with all that the API server puts around the merge (semantics M-12 to M-16): ownership for objects that have
 * none, fields that are nobody's, times, kubectl's annotation, the texts of conflicts. Defaulting, validation and storing are the
 * caller's.
 */
export function serverApply(input: ServerApplyInput): ServerApplyResult {
  const { config, node, reset = statusFields } = input;
  if ((config.metadata['managedFields'] ?? null) !== null) return refused(400, 'metadata.managedFields must be nil');
  const findings = validateObject(config, node, { mergeOnly: true });
  if (findings.length > 0) return unfit(config, findings);
  const live = input.live === undefined ? undefined : withoutManagedFields(input.live);
  const entries = entriesBefore(input, live);
  if (entries === undefined) return refused(500, 'failed to decode managed fields');

  const table = new ManagerTable(entries);
  const own: Omit<ManagedFieldsEntry, 'set' | 'time'> = {
    manager: input.manager,
    operation: 'Apply',
    apiVersion: config.apiVersion,
    ...(input.subresource === undefined ? {} : { subresource: input.subresource }),
  };
  const id = managerId(own);
  const effective = withoutReset(config, reset, node);
  const run = (force: boolean): ApplyResult =>
    applyConfiguration({
      live,
      managers: table.sets,
      config: effective,
      manager: id,
      apiVersion: config.apiVersion,
      force,
      node,
      ignored: reset,
    });
  let outcome = run(input.force);
  if (outcome.result === 'conflict' && input.manager === 'kubectl' && live !== undefined) {
    const left = beyondLastApplied(outcome.conflicts, live, node);
    outcome = left.length === 0 ? run(true) : { result: 'conflict', conflicts: left };
  }
  if (outcome.result === 'conflict') return conflict(outcome.conflicts, table);
  if (outcome.result === 'invalid') return unfit(config, outcome.findings);

  const set = (outcome.managers.get(id)?.set ?? emptyFieldSet).difference(unownedMetadata);
  // An apply that changes nothing keeps the time of the entry, or has none.
  const time = outcome.result === 'ok' ? input.now : table.get(id)?.time;
  const entry: ManagedFieldsEntry = { ...own, ...(time === undefined ? {} : { time }), set };
  const merged = outcome.live as KubeObject;
  const object = input.manager === 'kubectl' ? withUpdatedLastApplied(merged, config) : merged;
  return {
    result: object === live ? 'unchanged' : 'ok',
    object: withManagedFields(object, table.after(outcome.managers, entry)),
    comparison: object === merged ? outcome.comparison : compareObjects(live, object, node),
  };
}

/** The live entries. An object without any is given an owner, so that nothing of it is pruned (semantics M-12). */
function entriesBefore(input: ServerApplyInput, live: KubeObject | undefined): ManagedFieldsEntry[] | undefined {
  if (input.live === undefined || live === undefined) return [];
  const read = readManagedFields(input.live);
  if (read === undefined) return undefined;
  const entries = read.filter((entry) => input.isServed?.(entry.apiVersion) ?? true);
  if (entries.length > 0) return entries;
  return trackUpdate([], undefined, live, { ...input, manager: 'before-first-apply' });
}

function beyondLastApplied(conflicts: readonly Conflict[], live: JsonObject, node: SchemaNode): Conflict[] {
  const allowed = fieldsOfLastApplied(live, node);
  return conflicts.filter(({ segments }) => !allowed.has(segments));
}

function refused(code: 400 | 500, error: string): ServerApplyResult {
  return { result: 'invalid', code, error, findings: [] };
}

function unfit(config: KubeObject, findings: SchemaFinding[]): ServerApplyResult {
  const who = `${namespaceOf(config)}/${nameOf(config)}; ${kindText(config)}`;
  const error = `failed to create typed patch object (${who}): ${describeFindings(findings)}`;
  return { result: 'invalid', code: 500, error, findings };
}

function conflict(conflicts: readonly Conflict[], table: ManagerTable): ServerApplyResult {
  const described = conflicts.map(({ manager, segments }): ServerConflict => {
    const entry = table.get(manager);
    return {
      manager: entry?.manager ?? manager,
      operation: entry?.operation ?? 'Update',
      ...(entry?.subresource === undefined ? {} : { subresource: entry.subresource }),
      segments,
      field: formatServerPath(segments),
      message: `conflict with ${describeManager(manager, entry)}`,
    };
  });
  return { result: 'conflict', conflicts: described, error: conflictText(conflicts, table) };
}

/** `"kubectl" using apps/v1`: only updates name their version. */
function describeManager(id: string, entry: ManagedFieldsEntry | undefined): string {
  if (entry === undefined) return JSON.stringify(id);
  const name = JSON.stringify(entry.manager);
  const who = entry.subresource === undefined ? name : `${name} with subresource ${JSON.stringify(entry.subresource)}`;
  return entry.operation === 'Update' ? `${who} using ${entry.apiVersion}` : who;
}

function conflictText(conflicts: readonly Conflict[], table: ManagerTable): string {
  const [first] = conflicts;
  if (first !== undefined && conflicts.length === 1) {
    const who = describeManager(first.manager, table.get(first.manager));
    return `Apply failed with 1 conflict: conflict with ${who}: ${formatServerPath(first.segments)}`;
  }
  const lines = [...Map.groupBy(conflicts, ({ manager }) => manager)].flatMap(([manager, fields]) => [
    `conflicts with ${describeManager(manager, table.get(manager))}:`,
    ...fields.map(({ segments }) => `- ${formatServerPath(segments)}`),
  ]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

/** `apps/v1, Kind=Deployment`; the core group leaves its place empty: `/v1, Kind=Pod`. */
function kindText(object: KubeObject): string {
  const { group, version, kind } = groupVersionKindOf(object);
  return `${group}/${version}, Kind=${kind}`;
}
