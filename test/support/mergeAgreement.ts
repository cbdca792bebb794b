import { asGoStores } from '../../src/core/apply/goRoundTrip.ts';
import { keepTimes, readManagedFields } from '../../src/core/apply/managedFields.ts';
import { withCustomDefaults } from '../../src/core/cluster/customDefaults.ts';
import { defaulted, preparedForUpdate } from '../../src/core/cluster/lifecycle.ts';
import { emptyFieldSet } from '../../src/core/apply/fieldSet.ts';
import { serverApply } from '../../src/core/apply/serverApply.ts';
import { statusFields } from '../../src/core/apply/serverFields.ts';
import {
  type Json,
  type JsonObject,
  equalJson,
  field,
  fieldAt,
  isJsonObject,
  listAt,
  stringAt,
} from '../../src/core/json.ts';
import { type KubeObject, namespaceOf, nameOf } from '../../src/core/kube/objectKey.ts';
import type { SchemaNode } from '../../src/core/schema/schemaNode.ts';
import type { ApiResource, Cluster } from '../../src/ports/cluster.ts';
import { sandboxKinds } from '../../src/sandbox/builtInTable.ts';
import { ClusterError } from '../../src/ports/clusterError.ts';

/** One server-side apply to predict. */
export interface ApplyQuestion {
  readonly cluster: Cluster;
  readonly resource: ApiResource;
  readonly node: SchemaNode;
  readonly config: KubeObject;
  readonly manager: string;
}

export type Agreement =
  /** Both merged; what differs is listed, nothing is when they agree. */
  | { outcome: 'merged'; changed: boolean; differences: string[] }
  /** Validation and admission, which come after the merge, refused it: there is no result to compare. */
  | { outcome: 'refused'; message: string };

/**
 * Holds the engine's merge against the API server's own, by a dry run: all fields of both objects, managedFields with order, times
 * and sets included. Left out are what the merge does not make: `metadata.generation`, which the server counts, and
 * `metadata.resourceVersion`.
 */
export async function compareMerge(question: ApplyQuestion): Promise<Agreement> {
  const { cluster, resource, config, manager, node } = question;
  for (let attempt = 1; ; attempt++) {
    const live = await cluster.get(resource, namespaceOf(config), nameOf(config));
    if (live === undefined) throw new Error(`${config.kind} ${nameOf(config)} is not there.`);
    const before = new Date();
    let server: KubeObject;
    try {
      server = await cluster.apply(resource, config, { fieldManager: manager, force: true, dryRun: true });
    } catch (error) {
      if (!ClusterError.is(error)) throw error;
      return { outcome: 'refused', message: error.message };
    }
    // A controller wrote between the two requests.
    if (field(server.metadata, 'resourceVersion') !== field(live.metadata, 'resourceVersion') && attempt < 5) continue;
    const ours = serverApply({
      live,
      config,
      manager,
      force: true,
      node,
      now: timeOf(server, manager, before),
      reset: resource.subresources.includes('status') ? statusFields : emptyFieldSet,
    });
    if (!('object' in ours))
      return { outcome: 'merged', changed: true, differences: [`only we refuse: ${ours.error}`] };
    const predicted = await stored(ours.object, live, question);
    const differences: string[] = [];
    collect(withoutCounters(predicted), withoutCounters(server), '', differences);
    return { outcome: 'merged', changed: ours.result === 'ok', differences };
  }
}

/** The second in which the server took the request, read from its answer, as a second may begin in between. */
function timeOf(server: KubeObject, manager: string, before: Date): string {
  const own = listAt(server, 'metadata', 'managedFields').find(
    (entry) => field(entry, 'manager') === manager && field(entry, 'operation') === 'Apply',
  );
  const time = stringAt(own, 'time') ?? '';
  const second = Math.floor(before.getTime() / 1000) * 1000;
  const isNew = Date.parse(time) >= second && Date.parse(time) <= Date.now() + 1000;
  return isNew ? time : new Date(second).toISOString().replace('.000Z', 'Z');
}

function withoutCounters(object: KubeObject): JsonObject {
  const { generation: _generation, resourceVersion: _version, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/**
 * The merged object as the API server keeps it: built-in kinds through their Go types and defaults, custom ones with the defaults of
 * their CustomResourceDefinition, both as the simulated cluster does it. Where only times of managedFields would change, the server
 * writes nothing.
 */
async function stored(merged: KubeObject, live: KubeObject, question: ApplyQuestion): Promise<KubeObject> {
  const { cluster, resource, node } = question;
  const kind = sandboxKinds().find(
    (known) => known.group === resource.group && known.version === resource.version && known.kind === resource.kind,
  );
  const object =
    kind === undefined
      ? asGoStores((await withDefaultsOfCrd(merged, cluster, resource)) as KubeObject, node)
      : preparedForUpdate(defaulted(merged, kind), live, kind);
  const [after, before] = [readManagedFields(object) ?? [], readManagedFields(live) ?? []];
  const isSame = equalJson(withoutOwners(object), withoutOwners(live));
  return isSame ? keepTimes(object, after, before) : object;
}

/** Schemas by cluster, as no test changes a definition while it compares. */
const crdSchemas = new WeakMap<Cluster, Map<string, Promise<Json | undefined>>>();

async function withDefaultsOfCrd(object: KubeObject, cluster: Cluster, resource: ApiResource): Promise<Json> {
  const known = crdSchemas.get(cluster) ?? new Map<string, Promise<Json | undefined>>();
  crdSchemas.set(cluster, known);
  const id = `${resource.resource}.${resource.group}`;
  const schema = known.get(id) ?? schemaOfCrd(cluster, id, resource.version);
  known.set(id, schema);
  return withCustomDefaults(object, await schema, false);
}

async function schemaOfCrd(cluster: Cluster, name: string, version: string): Promise<Json | undefined> {
  const { resources } = await cluster.discover();
  const definitions = resources.find(({ kind, group }) => kind === crd.kind && group === crd.group);
  const definition = definitions && (await cluster.get(definitions, '', name));
  const served = listAt(definition, 'spec', 'versions').find((one) => field(one, 'name') === version);
  return fieldAt(served, 'schema', 'openAPIV3Schema');
}

const crd = { kind: 'CustomResourceDefinition', group: 'apiextensions.k8s.io' };

function withoutOwners(object: KubeObject): JsonObject {
  const { managedFields: _owners, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** Lists every place where the two differ. */
function collect(ours: Json | undefined, server: Json | undefined, path: string, out: string[]): void {
  if (equalJson(ours, server)) return;
  if (isJsonObject(ours) && isJsonObject(server)) {
    for (const key of new Set([...Object.keys(ours), ...Object.keys(server)])) {
      collect(field(ours, key), field(server, key), `${path}.${key}`, out);
    }
  } else if (Array.isArray(ours) && Array.isArray(server) && ours.length === server.length) {
    ours.forEach((item, index) => {
      collect(item, server[index], `${path}[${index}]`, out);
    });
  } else out.push(`${path}: ${JSON.stringify(ours)} but the server says ${JSON.stringify(server)}`);
}
