import { createStrategicPatch } from '../../../src/core/apply/strategicDiff.ts';
import { type Json, type JsonObject, cloneJson, equalJson, field, isJsonObject } from '../../../src/core/json.ts';
import { type KubeObject, nameOf, namespaceOf } from '../../../src/core/kube/objectKey.ts';
import { isBuiltInGroup } from '../../../src/core/kube/builtInGroup.ts';
import type { SchemaNode } from '../../../src/core/schema/schemaNode.ts';
import type { ApiResource } from '../../../src/ports/cluster.ts';
import type { ApiClient } from '../../rig/cluster/apiClient.ts';
import { objectPath } from '../../rig/cluster/apiClient.ts';
import type { Candidate } from './candidates.ts';

export type OperationName =
  | 'edit'
  | 'scale'
  | 'set image'
  | 'label'
  | 'json patch'
  | 'merge patch'
  | 'strategic patch'
  | 'second applier'
  | 'controller'
  | 'delete';

/** How an edit reaches the server, and whose it then is. */
export interface Operation {
  readonly name: OperationName;
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource?: string;
  /** A name that stands for a person (design §2.1). */
  readonly person: boolean;
  can(candidate: Candidate, resource: ApiResource): boolean;
  send(api: ApiClient, target: Target, live: KubeObject, candidate: Candidate): Promise<KubeObject>;
}

export interface Target {
  readonly resource: ApiResource;
  readonly node: SchemaNode;
}

export function pathOf({ group, version, resource, namespaced }: ApiResource, object: KubeObject, sub = ''): string {
  const apiVersion = group === '' ? version : `${group}/${version}`;
  return objectPath(apiVersion, resource, namespaced ? namespaceOf(object) : undefined, nameOf(object)) + sub;
}

const isLabel = ({ place }: Candidate): boolean =>
  place[0] === 'metadata' && place[1] === 'labels' && place.length === 2;
const lastField = ({ path }: Candidate): string => {
  const last = path.at(-1);
  return last !== undefined && 'field' in last ? last.field : '';
};
const isReplicas = (candidate: Candidate): boolean =>
  candidate.place.join() === 'spec' && lastField(candidate) === 'replicas' && candidate.change === 'changed';
const isImage = (candidate: Candidate): boolean =>
  candidate.place.at(-2) === 'containers' && lastField(candidate) === 'image' && candidate.change === 'changed';

const patching =
  (
    type: string,
    body: (live: KubeObject, candidate: Candidate, target: Target) => Json,
    manager: string,
  ): Operation['send'] =>
  async (api, target, live, candidate) => {
    const path = `${pathOf(target.resource, live)}?fieldManager=${manager}`;
    return (await api.send('PATCH', path, body(live, candidate, target), `application/${type}`)) as KubeObject;
  };

const putting =
  (manager: string): Operation['send'] =>
  async (api, { resource }, live, { after }) =>
    (await api.send('PUT', `${pathOf(resource, live)}?fieldManager=${manager}`, after)) as KubeObject;

const mergeBody = (live: KubeObject, { after }: Candidate): Json => mergePatch(live, after) ?? {};
const strategicBody = (live: KubeObject, { after }: Candidate, { node }: Target): Json => {
  const result = createStrategicPatch(live, after, node);
  if (result.result === 'invalid') throw new Error(result.error);
  return result.object;
};

const person = (name: OperationName, manager: string, send: Operation['send'], can: Operation['can']): Operation => ({
  ...{ name, manager, operation: 'Update', person: true, can, send },
});

export const operations: readonly Operation[] = [
  person('edit', 'kubectl-edit', putting('kubectl-edit'), () => true),
  {
    ...{ name: 'scale', manager: 'kubectl', operation: 'Update', subresource: 'scale', person: true },
    // A custom kind says itself which field its scale sets; Prometheus means its shards.
    can: (candidate, resource) =>
      isReplicas(candidate) && isBuiltInGroup(resource.group) && resource.subresources.includes('scale'),
    async send(api, { resource }, live, { after }) {
      const replicas = field(after['spec'], 'replicas') ?? 1;
      const path = `${pathOf(resource, live, '/scale')}?fieldManager=kubectl`;
      await api.send('PATCH', path, { spec: { replicas } }, 'application/merge-patch+json');
      return JSON.parse((await api.get(pathOf(resource, live))).body) as KubeObject;
    },
  },
  person('set image', 'kubectl-set', patching('strategic-merge-patch+json', strategicBody, 'kubectl-set'), isImage),
  person('label', 'kubectl-label', patching('merge-patch+json', mergeBody, 'kubectl-label'), isLabel),
  person('json patch', 'kubectl-patch', patching('json-patch+json', jsonPatch, 'kubectl-patch'), () => true),
  person('merge patch', 'kubectl-patch', patching('merge-patch+json', mergeBody, 'kubectl-patch'), () => true),
  person(
    'strategic patch',
    'kubectl-patch',
    patching('strategic-merge-patch+json', strategicBody, 'kubectl-patch'),
    (_candidate, { group }) =>
      isBuiltInGroup(group) && group !== 'apiextensions.k8s.io' && group !== 'apiregistration.k8s.io',
  ),
  {
    ...{ name: 'second applier', manager: 'second-applier', operation: 'Apply', person: false },
    // Applying can set fields, and takes none away that it did not own.
    can: ({ change, path }) =>
      (change === 'changed' || change === 'added' || change === 'item added') && path.length > 0,
    async send(api, { resource }, live, candidate) {
      const path = `${pathOf(resource, live)}?fieldManager=second-applier&force=true`;
      return (await api.send('PATCH', path, fragment(candidate), 'application/apply-patch+yaml')) as KubeObject;
    },
  },
  {
    ...{ name: 'controller', manager: 'example-controller', operation: 'Update', person: false },
    can: () => true,
    send: putting('example-controller'),
  },
];

/** Replaces the container whole, as `kubectl patch --type=json` would for what has no name of its own. */
function jsonPatch(live: KubeObject, { place, after }: Candidate): Json {
  const pointer = place.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  const [before, value] = [valueIn(live, place), valueIn(after, place)];
  if (isJsonObject(before) && isJsonObject(value)) {
    const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
    const changed = Object.keys(value).filter((key) => !equalJson(before[key], value[key]));
    const gone = Object.keys(before).filter((key) => !Object.hasOwn(value, key));
    return [
      ...changed.map((key) => ({ op: 'add', path: `${pointer}/${escaped(key)}`, value: value[key] ?? null })),
      ...gone.map((key) => ({ op: 'remove', path: `${pointer}/${escaped(key)}` })),
    ];
  }
  return [{ op: 'replace', path: pointer, value }];
}

function valueIn(object: Json, place: readonly (string | number)[]): Json {
  return place.reduce<Json>((value, step) => (value as Record<string | number, Json>)[step] ?? null, object);
}

function mergePatch(before: JsonObject, after: JsonObject): JsonObject | undefined {
  const patch: JsonObject = {};
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) patch[key] = null;
  for (const key of Object.keys(after)) {
    const [old, value] = [before[key], after[key] ?? null];
    if (equalJson(old, value)) continue;
    patch[key] = isJsonObject(old) && isJsonObject(value) ? (mergePatch(old, value) ?? {}) : value;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** The least configuration that says what the edit says: the path to it with keys, and an atomic value whole. */
function fragment({ path, after }: Candidate): Json {
  const { apiVersion, kind, metadata } = after;
  const { name, namespace } = metadata as { name: Json; namespace?: Json };
  const config: JsonObject = { apiVersion, kind, metadata: namespace === undefined ? { name } : { name, namespace } };
  let from: Json = after;
  let to: Json = config;
  for (const [index, segment] of path.entries()) {
    const isLast = index === path.length - 1;
    if ('field' in segment) {
      const next: Json = field(from, segment.field) ?? null;
      const slot = to as JsonObject;
      const empty: Json = Array.isArray(next) ? [] : {};
      const held = slot[segment.field];
      slot[segment.field] = isLast ? cloneJson(next) : isJsonObject(held) ? held : empty;
      [from, to] = [next, slot[segment.field] ?? null];
    } else if ('key' in segment) {
      const items = from as Json[];
      const found = items.find((item) =>
        Object.entries(segment.key).every(([key, value]) => equalJson(field(item, key) ?? value, value)),
      );
      const item: Json = isLast ? cloneJson(found ?? null) : { ...segment.key };
      (to as Json[]).push(item);
      [from, to] = [found ?? null, item];
    } else {
      (to as Json[]).push('value' in segment ? segment.value : null);
    }
  }
  return config;
}
