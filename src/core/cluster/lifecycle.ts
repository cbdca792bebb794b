import { type Json, type JsonObject, equalJson, field } from '../json.ts';
import { asGoStores } from '../apply/goRoundTrip.ts';
import { resetFields, statusFields } from '../apply/serverFields.ts';
import type { FieldSet } from '../apply/fieldSet.ts';
import { emptyFieldSet } from '../apply/fieldSet.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import { withCustomDefaults } from './customDefaults.ts';
import { withBuiltInDefaults } from './defaults/builtInDefaults.ts';
import { asGoPrints } from './goTypes.ts';
import { isDeleting, timestamp, withMetadata, withStoredMetadata, withoutMetadata } from './metadata.ts';
import { type ServedKind, hasSubresource } from './servedKind.ts';

/** Kinds whose objects count their changes in `metadata.generation`; of custom ones all do. */
const generational = new Set(
  [
    'apps/daemonsets apps/deployments apps/replicasets apps/statefulsets batch/cronjobs batch/jobs /pods',
    '/replicationcontrollers /podtemplates networking.k8s.io/ingresses networking.k8s.io/ingressclasses',
    'networking.k8s.io/networkpolicies discovery.k8s.io/endpointslices policy/poddisruptionbudgets',
    'scheduling.k8s.io/priorityclasses resource.k8s.io/deviceclasses resource.k8s.io/resourceslices',
    'flowcontrol.apiserver.k8s.io/flowschemas flowcontrol.apiserver.k8s.io/prioritylevelconfigurations',
    'admissionregistration.k8s.io/mutatingwebhookconfigurations',
    'admissionregistration.k8s.io/validatingwebhookconfigurations',
    'admissionregistration.k8s.io/validatingadmissionpolicies',
    'admissionregistration.k8s.io/validatingadmissionpolicybindings apiextensions.k8s.io/customresourcedefinitions',
  ]
    .join(' ')
    .split(' '),
);

/** What objects of a kind hold in `status` when they are new. */
const initialStatus: Readonly<Record<string, JsonObject>> = {
  '/namespaces': { phase: 'Active' },
  '/pods': { phase: 'Pending' },
  '/persistentvolumeclaims': { phase: 'Pending' },
  '/persistentvolumes': { phase: 'Pending' },
  'policy/poddisruptionbudgets': {
    currentHealthy: 0,
    desiredHealthy: 0,
    disruptionsAllowed: 0,
    expectedPods: 0,
  },
};

function resourceOf(kind: ServedKind): string {
  return `${kind.group}/${kind.resource}`;
}

/** The object as the API server decodes it: stored form and defaults of its kind. */
export function defaulted(object: KubeObject, kind: ServedKind, dropNulls = true): KubeObject {
  if (kind.custom !== undefined) {
    return withStoredMetadata(withCustomDefaults(object, kind.custom.openApi, dropNulls) as KubeObject);
  }
  return withStoredMetadata(withBuiltInDefaults(storedForm(object, kind, true), kind));
}

/** A built-in object as the server's Go types hold it. */
function storedForm(object: KubeObject, kind: ServedKind, keepEmpty = false): KubeObject {
  if (kind.goType === undefined) return asGoStores(object, kind.schema);
  return asGoPrints(object, kind.goType, keepEmpty) as KubeObject;
}

/** Fields that a write to an object or its subresource leaves as they are (semantics M-15). */
export function resetOf(kind: ServedKind, subresource: string | undefined): FieldSet {
  if (subresource === 'status') return resetFields('spec');
  return hasSubresource(kind, 'status') ? statusFields : emptyFieldSet;
}

/** A new object before it is validated: identity, times, and the status of a new one. */
export function preparedForCreate(object: KubeObject, kind: ServedKind, uid: string, now: Date): KubeObject {
  const cleared = withoutMetadata(
    object,
    'resourceVersion',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'selfLink',
    'generation',
  );
  const prepared = withMetadata(cleared, {
    uid,
    creationTimestamp: timestamp(now),
    ...(countsGenerations(kind) ? { generation: 1 } : {}),
  });
  if (!hasSubresource(kind, 'status')) return storedForm(prepared, kind);
  const { status: _, ...rest } = prepared;
  const status = initialStatus[resourceOf(kind)];
  const bare = status === undefined ? rest : { ...rest, status };
  return storedForm(bare, kind);
}

/** An object that takes the place of `live`: what a writer cannot change is as it was. */
export function preparedForUpdate(
  object: KubeObject,
  live: KubeObject,
  kind: ServedKind,
  subresource?: string,
): KubeObject {
  const kept: JsonObject = {};
  for (const name of [
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'generation',
    'resourceVersion',
  ]) {
    const value = live.metadata[name];
    if (value !== undefined) kept[name] = value;
  }
  if (subresource === 'status') {
    const metadata: JsonObject = { ...live.metadata };
    const managedFields = object.metadata['managedFields'];
    if (managedFields !== undefined) metadata['managedFields'] = managedFields;
    return withStatus({ ...live, metadata }, field(object, 'status'));
  }
  const cleared = withoutMetadata(object, 'deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink', 'generation');
  const prepared = storedForm(withMetadata(cleared, kept), kind);
  const updated = hasSubresource(kind, 'status') ? withStatus(prepared, field(live, 'status')) : prepared;
  if (!countsGenerations(kind) || equalJson(countedPart(updated, kind), countedPart(live, kind))) return updated;
  const generation = live.metadata['generation'];
  return withMetadata(updated, { generation: (typeof generation === 'number' ? generation : 0) + 1 });
}

/** Deleting an object with finalizers counts as a change of it. */
export function markedForDeletion(object: KubeObject, kind: ServedKind, now: Date): KubeObject {
  if (isDeleting(object)) return object;
  const generation = object.metadata['generation'];
  return withMetadata(object, {
    deletionTimestamp: timestamp(now),
    deletionGracePeriodSeconds: 0,
    ...(countsGenerations(kind) && typeof generation === 'number' ? { generation: generation + 1 } : {}),
  });
}

function countsGenerations(kind: ServedKind): boolean {
  return kind.custom !== undefined || generational.has(resourceOf(kind));
}

/** What a change of which is counted: all but metadata and a status of its own. */
function countedPart(object: KubeObject, kind: ServedKind): Json {
  const { metadata: _, apiVersion: __, kind: ___, ...rest } = object as JsonObject;
  if (hasSubresource(kind, 'status')) delete rest['status'];
  return rest;
}

function withStatus(object: KubeObject, status: Json | undefined): KubeObject {
  const { status: _, ...rest } = object;
  return status === undefined ? rest : { ...rest, status };
}
