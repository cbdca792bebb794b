import { type Json, type JsonObject, equalJson, fieldAt, isJsonObject, listAt, stringAt } from '../json.ts';
import { type KubeObject, nameOf, namespaceOf } from '../kube/objectKey.ts';
import { admitPod } from './podAdmission.ts';
import { admitService } from './serviceAdmission.ts';
import { finalizersOf, uidOf, withMetadata } from './metadata.ts';
import { type ServedKind, storageKeyOf } from './servedKind.ts';
import type { ClusterView } from './clusterView.ts';
import { forbidden, notFound } from './statusError.ts';

/**
 * What admission and the storage strategies make of an object beside defaults: namespaces are checked, addresses, volumes and
 * selectors assigned. `live` is undefined for a create. Throws StatusError where the object may not be.
 */
export function admitted(
  cluster: ClusterView,
  kind: ServedKind,
  object: KubeObject,
  live: KubeObject | undefined,
): KubeObject {
  if (live === undefined && kind.namespaced) checkNamespace(cluster, kind, object);
  if (kind.custom !== undefined) return object;
  switch (storageKeyOf(kind)) {
    case '/services':
      return admitService(cluster, kind, object, live);
    case '/pods':
      return live === undefined ? admitPod(cluster, kind, object) : object;
    case '/namespaces':
      return live === undefined
        ? { ...object, spec: { finalizers: ['kubernetes'] } }
        : { ...object, spec: live['spec'] ?? {} };
    case '/persistentvolumeclaims':
      return live === undefined ? admitClaim(cluster, object) : object;
    case '/persistentvolumes':
      return live === undefined ? admitVolume(object) : object;
    case 'batch/jobs':
      return live === undefined ? withJobSelector(object) : object;
    case 'apps/daemonsets':
      return live === undefined ? object : withTemplateGeneration(object, live);
    case 'apiextensions.k8s.io/customresourcedefinitions':
      return withStoredVersion(object);
    case 'networking.k8s.io/ingresses':
      return live === undefined ? withIngressClass(cluster, object) : object;
    default:
      return object;
  }
}

function checkNamespace(cluster: ClusterView, kind: ServedKind, object: KubeObject): void {
  const name = namespaceOf(object);
  const namespace = cluster.store.get('/namespaces', '', name);
  if (namespace === undefined) throw notFound({ group: '', resource: 'namespaces' }, name);
  if (stringAt(namespace, 'status', 'phase') !== 'Terminating') return;
  const why = `unable to create new content in namespace ${name} because it is being terminated`;
  throw forbidden(kind, nameOf(object), why, {
    causes: [
      { reason: 'NamespaceTerminating', message: `namespace ${name} is being terminated`, field: 'metadata.namespace' },
    ],
  });
}

function withFinalizer(object: KubeObject, finalizer: string): KubeObject {
  const finalizers = finalizersOf(object);
  return finalizers.includes(finalizer) ? object : withMetadata(object, { finalizers: [...finalizers, finalizer] });
}

function mapIn(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function admitVolume(object: KubeObject): KubeObject {
  const held = withFinalizer(object, 'kubernetes.io/pv-protection');
  const since = object.metadata['creationTimestamp'];
  return since === undefined ? held : { ...held, status: { ...mapIn(held['status']), lastPhaseTransitionTime: since } };
}

/** The version that objects are stored in is recorded from the beginning. */
function withStoredVersion(object: KubeObject): KubeObject {
  const storage = listAt(object, 'spec', 'versions').find((version) => fieldAt(version, 'storage') === true);
  const name = stringAt(storage, 'name');
  const stored = listAt(object, 'status', 'storedVersions');
  if (name === undefined || stored.includes(name)) return object;
  return { ...object, status: { ...mapIn(object['status']), storedVersions: [...stored, name] } };
}

/** The default class that the newest default StorageClass names. */
function admitClaim(cluster: ClusterView, object: KubeObject): KubeObject {
  const spec = mapIn(object['spec']);
  const annotation = fieldAt(object, 'metadata', 'annotations', 'volume.beta.kubernetes.io/storage-class');
  const isDefault = (storageClass: KubeObject): boolean =>
    stringAt(storageClass, 'metadata', 'annotations', 'storageclass.kubernetes.io/is-default-class') === 'true';
  const found = cluster.store.list('storage.k8s.io/storageclasses').find(isDefault);
  const takesDefault = spec['storageClassName'] === undefined && annotation === undefined && found !== undefined;
  const classed = takesDefault ? { ...object, spec: { ...spec, storageClassName: nameOf(found) } } : object;
  return withFinalizer(classed, 'kubernetes.io/pvc-protection');
}

function withJobSelector(object: KubeObject): KubeObject {
  const spec = mapIn(object['spec']);
  if (spec['manualSelector'] === true) return object;
  const [uid, name] = [uidOf(object), nameOf(object)];
  const generated = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  const template = mapIn(spec['template']);
  const metadata = mapIn(template['metadata']);
  const labels = { ...mapIn(metadata['labels']), ...generated };
  // The labels that defaulting took from the template are the template's own, so they grow with them.
  const own = object.metadata['labels'];
  const labelled = own === undefined || equalJson(own, metadata['labels']) ? withMetadata(object, { labels }) : object;
  return {
    ...labelled,
    spec: {
      ...spec,
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
      template: { ...template, metadata: { ...metadata, labels } },
    },
  };
}

/** The annotation of DaemonSets counts changes of the template. */
function withTemplateGeneration(object: KubeObject, live: KubeObject): KubeObject {
  const key = 'deprecated.daemonset.template.generation';
  const before = stringAt(live, 'metadata', 'annotations', key) ?? '1';
  const changed =
    JSON.stringify(fieldAt(object, 'spec', 'template')) !== JSON.stringify(fieldAt(live, 'spec', 'template'));
  const annotations = {
    ...mapIn(object.metadata['annotations']),
    [key]: changed ? String(Number(before) + 1) : before,
  };
  return withMetadata(object, { annotations });
}

function withIngressClass(cluster: ClusterView, object: KubeObject): KubeObject {
  const spec = mapIn(object['spec']);
  const annotated = fieldAt(object, 'metadata', 'annotations', 'kubernetes.io/ingress.class') !== undefined;
  if (spec['ingressClassName'] !== undefined || annotated) return object;
  const isDefault = (one: KubeObject): boolean =>
    stringAt(one, 'metadata', 'annotations', 'ingressclass.kubernetes.io/is-default-class') === 'true';
  const found = cluster.store.list('networking.k8s.io/ingressclasses').find(isDefault);
  return found === undefined ? object : { ...object, spec: { ...spec, ingressClassName: nameOf(found) } };
}
