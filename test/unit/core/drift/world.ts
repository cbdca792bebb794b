import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { withLastApplied } from '../../../../src/core/apply/lastApplied.ts';
import { serverApply } from '../../../../src/core/apply/serverApply.ts';
import { serverUpdate } from '../../../../src/core/apply/serverUpdate.ts';
import type { CompareInput, ObjectComparison } from '../../../../src/core/drift/compareObject.ts';
import { detectApplier } from '../../../../src/core/drift/detectApplier.ts';
import { type Json, type JsonObject, cloneJson, equalJson, isJsonObject } from '../../../../src/core/json.ts';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';
import type { EngineName } from '../../../../src/core/report.ts';
import { valueAt } from '../../../../src/core/schema/path.ts';
import { type SchemaNode, objectNode } from '../../../../src/core/schema/schemaNode.ts';
import { testSchema } from './testSchema.ts';

interface Base {
  object: KubeObject;
  defaults?: JsonObject;
  /** What the engine sends beyond what Git declares. */
  sent?: JsonObject;
  /** What the server's Go types drop of it. */
  drops?: string[];
  /** Annotations of controllers. */
  controllers?: Record<string, string>;
}

const bases = parse(readFileSync(new URL('bases.yaml', import.meta.url), 'utf8')) as Record<string, Base>;

const appliedAt = '2026-01-01T10:00:00Z';
const editedAt = '2026-01-01T10:05:00Z';
const oldLine = '2026-01-01T09:00:00Z';
const newLine = '2026-01-01T11:00:00Z';

/** How an object came into the cluster, and what is known of it. */
interface Delivery {
  engine: EngineName;
  manager: string;
  how: 'apply' | 'client-side' | 'create';
  /** The render of the applied revision is given. */
  revision?: true;
  release?: true;
  suspended?: true;
  selfHeal?: true;
  applyFailed?: true;
  /** Files without history: no line has a time. */
  noGit?: true;
  noManagedFields?: true;
  /** The cluster shows no schema to the reader. */
  noSchema?: true;
}

const deliveries: Readonly<Record<string, Delivery>> = {
  csa: { engine: 'direct', manager: 'kubectl-client-side-apply', how: 'client-side' },
  'csa-nofields': { engine: 'direct', manager: 'kubectl-client-side-apply', how: 'client-side', noManagedFields: true },
  ssa: { engine: 'direct', manager: 'kubectl', how: 'apply' },
  'ssa-nogit': { engine: 'direct', manager: 'kubectl', how: 'apply', noGit: true },
  'ssa-bare': { engine: 'direct', manager: 'kubectl', how: 'apply', noSchema: true },
  'ssa-ci': { engine: 'direct', manager: 'my-pipeline', how: 'apply' },
  created: { engine: 'direct', manager: 'kubectl-create', how: 'create' },
  flux: { engine: 'flux', manager: 'kustomize-controller', how: 'apply', revision: true },
  'flux-suspended': { engine: 'flux', manager: 'kustomize-controller', how: 'apply', revision: true, suspended: true },
  'flux-failed': { engine: 'flux', manager: 'kustomize-controller', how: 'apply', revision: true, applyFailed: true },
  'flux-fields': { engine: 'flux', manager: 'kustomize-controller', how: 'apply' },
  'flux-created': { engine: 'flux', manager: 'kubectl-create', how: 'create', revision: true },
  helm: { engine: 'flux', manager: 'helm-controller', how: 'apply', release: true },
  'helm-fields': { engine: 'flux', manager: 'helm-controller', how: 'apply' },
  'helm-detect': { engine: 'flux', manager: 'helm-controller', how: 'apply', release: true, selfHeal: true },
  argocd: { engine: 'argocd', manager: 'argocd-controller', how: 'client-side', revision: true },
  'argocd-heal': { engine: 'argocd', manager: 'argocd-controller', how: 'client-side', revision: true, selfHeal: true },
  'argocd-last': { engine: 'argocd', manager: 'argocd-controller', how: 'client-side' },
};

/**
 * One line of a case table: how the object was delivered, what it is, what changed in Git since, and who changed what in the cluster.
 * The subresource `apply` stands for server-side apply of the fields alone, `force` for one that takes fields over.
 * Edits are `path=YAML` and `-path`, apart by ` ; `; a cluster edit is `manager[/subresource]: edits`, apart by ` && `; `gone` deletes.
 */
export interface CaseLine {
  delivery: string;
  base: string;
  git: string;
  live: string;
}

export function worldOf(
  line: CaseLine,
  compare: (input: CompareInput) => ObjectComparison,
  more: Partial<CompareInput> = {},
): ObjectComparison {
  const delivery = deliveries[line.delivery];
  const base = bases[line.base];
  if (delivery === undefined || base === undefined) throw new Error(`unknown ${line.delivery} or ${line.base}`);
  const node = testSchema[base.object.kind] ?? objectNode();
  const desired = line.git === 'gone' ? undefined : (edited(base.object, line.git) as KubeObject);
  const live = line.live === 'gone' ? undefined : liveObject(delivery, base, line.live, node);
  const lineCommittedAt: CompareInput['lineCommittedAt'] = (segments) => {
    const before = valueAt(base.object, segments, node);
    return equalJson(valueAt(desired, segments, node), before) ? oldLine : newLine;
  };
  return compare({
    ...(desired === undefined ? {} : { desired }),
    ...(live === undefined ? {} : { live }),
    node: delivery.noSchema ? objectNode() : node,
    ...(delivery.revision ? { applied: { basis: 'revision', object: base.object } } : {}),
    ...(delivery.release ? { applied: { basis: 'release', object: base.object } } : {}),
    applier: detectApplier(live, delivery.engine),
    engine: delivery.engine,
    engineBehaviour: {
      takesOverKubectlEdits: delivery.engine === 'flux' && delivery.release !== true,
      selfHeal: delivery.selfHeal ?? false,
      suspended: delivery.suspended ?? false,
      ...(delivery.applyFailed ? { applyFailed: true } : {}),
    },
    hasInventory: delivery.engine !== 'direct',
    inInventory: true,
    ...(delivery.noGit ? {} : { lineCommittedAt }),
    secrets: 'compare',
    ...more,
  });
}

function liveObject(delivery: Delivery, base: Base, edits: string, node: SchemaNode): KubeObject {
  let live = delivered(delivery, base, node);
  if (base.controllers !== undefined) {
    const annotations = { ...((live.metadata['annotations'] ?? {}) as JsonObject), ...base.controllers };
    const object = { ...live, metadata: { ...live.metadata, annotations }, status: { replicas: 3 } };
    live = serverUpdate({ live, object, manager: 'kube-controller-manager', node, now: editedAt });
  }
  for (const edit of edits.split(' && ')) {
    const [who, ...what] = edit.split(': ');
    if (who === undefined || what.length === 0) continue;
    const [manager = '', subresource] = who.trim().split('/');
    if (subresource === 'apply' || subresource === 'force') {
      live = appliedBeside(live, what.join(': '), manager, node, subresource === 'force');
      continue;
    }
    live = serverUpdate({
      live,
      object: editedLive(live, what.join(': ')),
      manager,
      node,
      now: editedAt,
      ...(subresource === undefined ? {} : { subresource }),
    });
    if (subresource === 'scale') forgetTime(live);
  }
  if (delivery.noManagedFields) delete live.metadata['managedFields'];
  return live;
}

/** An edit, or `apply` and edits: the whole object applied once more by kubectl, client-side. */
function editedLive(live: KubeObject, edits: string): KubeObject {
  if (!edits.startsWith('apply ')) return edited(live, edits) as KubeObject;
  const object = edited(live, edits.slice('apply '.length)) as KubeObject;
  const { managedFields, ...metadata } = object.metadata;
  const applied = withLastApplied({ ...object, metadata });
  return managedFields === undefined ? applied : { ...applied, metadata: { ...applied.metadata, managedFields } };
}

/** Server-side apply of some fields by one more manager, who comes to own them too. */
function appliedBeside(live: KubeObject, edits: string, manager: string, node: SchemaNode, force: boolean): KubeObject {
  const { apiVersion, kind, metadata } = live;
  const bare = { apiVersion, kind, metadata: { name: metadata['name'] ?? '', namespace: metadata['namespace'] ?? '' } };
  const outcome = serverApply({
    live,
    config: edited(bare, edits) as KubeObject,
    manager,
    node,
    force,
    now: editedAt,
  });
  if (!('object' in outcome)) throw new Error(`cannot apply: ${outcome.error}`);
  return outcome.object;
}

function delivered(delivery: Delivery, base: Base, node: SchemaNode): KubeObject {
  const context = { manager: delivery.manager, node, now: appliedAt };
  const sent = overlaid(base.object, base.sent ?? {}) as KubeObject;
  if (delivery.how !== 'apply') {
    const applied = delivery.how === 'client-side' ? withLastApplied(sent) : sent;
    return serverUpdate({ ...context, object: stored(applied, base) });
  }
  const outcome = serverApply({
    ...context,
    config: sent,
    live: undefined,
    force: true,
  });
  if (!('object' in outcome)) throw new Error(`cannot apply: ${outcome.error}`);
  return stored(outcome.object, base);
}

/** With the server's defaults, without what it drops, text of Secrets as data. */
function stored(object: KubeObject, base: Base): KubeObject {
  let result = overlaid(cloneJson(object), base.defaults ?? {}) as KubeObject;
  for (const path of base.drops ?? []) result = edited(result, `-${path}`) as KubeObject;
  const { stringData, ...rest } = result;
  if (!isJsonObject(stringData)) return withoutNulls(result) as KubeObject;
  const data: JsonObject = {};
  for (const [key, value] of Object.entries(stringData)) data[key] = Buffer.from(value as string).toString('base64');
  return { ...rest, data };
}

function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  const kept = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(kept.map(([key, item]) => [key, key === 'managedFields' ? item : withoutNulls(item)]));
}

function overlaid(value: Json | undefined, over: Json): Json {
  if (Array.isArray(over) && Array.isArray(value) && value.length === over.length) {
    return over.map((item, index) => overlaid(value[index], item));
  }
  if (!isJsonObject(over) || !isJsonObject(value)) return over;
  const result = { ...value };
  for (const key of Object.keys(over)) result[key] = overlaid(value[key], over[key] ?? null);
  return result;
}

function forgetTime(live: KubeObject): void {
  for (const entry of live.metadata['managedFields'] as JsonObject[]) {
    if (entry['subresource'] === 'scale') delete entry['time'];
  }
}

/** Edits by plain paths; `\.` stands for a dot in a key. */
function edited(object: JsonObject, edits: string): JsonObject {
  const result = cloneJson(object);
  for (const edit of edits.split(' ; ')) {
    if (edit.trim() === '') continue;
    const isRemoval = edit.trim().startsWith('-');
    const equals = edit.indexOf('=');
    const path = (isRemoval ? edit.trim().slice(1) : edit.slice(0, equals).trim()).split(/(?<!\\)\./);
    const keys = path.map((key) => key.replaceAll('\\.', '.'));
    set(result, keys, isRemoval ? undefined : (parse(edit.slice(equals + 1)) as Json));
  }
  return result;
}

function set(target: Json, [key = '', ...rest]: string[], value: Json | undefined): void {
  if (Array.isArray(target)) {
    const index = key === '+' ? target.length : Number(key);
    if (rest.length > 0) set(target[index] as Json, rest, value);
    else if (value === undefined) target.splice(index, 1);
    else target[index] = value;
    return;
  }
  const map = target as JsonObject;
  if (rest.length > 0) {
    map[key] ??= {};
    set(map[key], rest, value);
  } else if (value === undefined) delete map[key];
  else map[key] = value;
}
