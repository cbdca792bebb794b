import { fieldAt, isJsonObject, listAt } from '../../core/json.ts';
import type { Json } from '../../core/json.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import { ageOf } from './age.ts';
import { countAt, mapText, numberAt, orNone, selectorAt, textAt, texts } from './cells.ts';
import { type Column, ageColumn, count, nameColumn, text, wide } from './column.ts';

function servicePorts(object: KubeObject): string {
  const ports = listAt(object, 'spec', 'ports').map((port) => {
    const node = numberAt(port, 'nodePort');
    return `${numberAt(port, 'port')}${node === 0 ? '' : `:${node}`}/${textAt(port, 'protocol')}`;
  });
  return orNone(ports.join(','));
}

function externalIp(object: KubeObject): string {
  const fixed = texts(listAt(object, 'spec', 'externalIPs'));
  switch (textAt(object, 'spec', 'type')) {
    case 'LoadBalancer': {
      const given = listAt(object, 'status', 'loadBalancer', 'ingress').map(
        (one) => textAt(one, 'ip') || textAt(one, 'hostname'),
      );
      return [...given, ...fixed].join(',') || '<pending>';
    }
    case 'ExternalName':
      return textAt(object, 'spec', 'externalName');
    default:
      return orNone(fixed.join(','));
  }
}

function ingressPorts(object: KubeObject): string {
  return listAt(object, 'spec', 'tls').length > 0 ? '80, 443' : '80';
}

function budget(value: Json | undefined): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : 'N/A';
}

function volumeModes(object: Json, ...path: readonly string[]): string {
  const short: Readonly<Record<string, string>> = {
    ReadWriteOnce: 'RWO',
    ReadOnlyMany: 'ROX',
    ReadWriteMany: 'RWX',
    ReadWriteOncePod: 'RWOP',
  };
  return texts(listAt(object, ...path))
    .map((mode) => short[mode] ?? mode)
    .join(',');
}

function nodeStatus(object: KubeObject): string {
  const ready = listAt(object, 'status', 'conditions').find((condition) => textAt(condition, 'type') === 'Ready');
  const status = textAt(ready ?? {}, 'status') === 'True' ? 'Ready' : ready === undefined ? 'Unknown' : 'NotReady';
  return fieldAt(object, 'spec', 'unschedulable') === true ? `${status},SchedulingDisabled` : status;
}

function nodeRoles(object: KubeObject): string {
  const labels = fieldAt(object, 'metadata', 'labels');
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.keys(isJsonObject(labels) ? labels : {}).filter((key) => key.startsWith(prefix));
  return orNone(
    roles
      .map((key) => key.slice(prefix.length))
      .sort()
      .join(','),
  );
}

function metricText(object: KubeObject): string {
  const current = listAt(object, 'status', 'currentMetrics');
  const metrics = listAt(object, 'spec', 'metrics').map((metric, index) => {
    const name = textAt(metric, 'resource', 'name');
    const target = fieldAt(metric, 'resource', 'target', 'averageUtilization');
    const now = fieldAt(current[index] ?? {}, 'resource', 'current', 'averageUtilization');
    return `${name}: ${typeof now === 'number' ? `${now}%` : '<unknown>'}/${typeof target === 'number' ? `${target}%` : '<auto>'}`;
  });
  return orNone(metrics.join(', '));
}

export const otherColumns: Readonly<Record<string, readonly Column[]>> = {
  '/services': [
    nameColumn,
    text('Type', (object) => textAt(object, 'spec', 'type')),
    text('Cluster-IP', (object) => orNone(textAt(object, 'spec', 'clusterIP'))),
    text('External-IP', externalIp),
    text('Port(s)', servicePorts),
    ageColumn,
    wide('Selector', (object) => mapText(fieldAt(object, 'spec', 'selector'))),
  ],
  '/configmaps': [
    nameColumn,
    text('Data', (object) => countAt(object, 'data') + countAt(object, 'binaryData')),
    ageColumn,
  ],
  '/secrets': [
    nameColumn,
    text('Type', (object) => textAt(object, 'type')),
    count('Data', (object) => countAt(object, 'data')),
    ageColumn,
  ],
  '/serviceaccounts': [nameColumn, text('Secrets', (object) => countAt(object, 'secrets')), ageColumn],
  '/namespaces': [nameColumn, text('Status', (object) => textAt(object, 'status', 'phase')), ageColumn],
  '/nodes': [
    nameColumn,
    text('Status', nodeStatus),
    text('Roles', nodeRoles),
    ageColumn,
    text('Version', (object) => textAt(object, 'status', 'nodeInfo', 'kubeletVersion')),
  ],
  '/persistentvolumeclaims': [
    nameColumn,
    text('Status', (object) =>
      object.metadata['deletionTimestamp'] === undefined ? textAt(object, 'status', 'phase') : 'Terminating',
    ),
    text('Volume', (object) => textAt(object, 'spec', 'volumeName')),
    text('Capacity', (object) => textAt(object, 'status', 'capacity', 'storage')),
    text('Access Modes', (object) => volumeModes(object, 'status', 'accessModes')),
    text('StorageClass', (object) => textAt(object, 'spec', 'storageClassName')),
    text('VolumeAttributesClass', (object) => textAt(object, 'spec', 'volumeAttributesClassName') || '<unset>'),
    ageColumn,
    wide('VolumeMode', (object) => textAt(object, 'spec', 'volumeMode') || '<unset>'),
  ],
  '/persistentvolumes': [
    nameColumn,
    text('Capacity', (object) => textAt(object, 'spec', 'capacity', 'storage')),
    text('Access Modes', (object) => volumeModes(object, 'spec', 'accessModes')),
    text('Reclaim Policy', (object) => textAt(object, 'spec', 'persistentVolumeReclaimPolicy')),
    text('Status', (object) => textAt(object, 'status', 'phase')),
    text('Claim', (object) => {
      const name = textAt(object, 'spec', 'claimRef', 'name');
      return name === '' ? '' : `${textAt(object, 'spec', 'claimRef', 'namespace')}/${name}`;
    }),
    text('StorageClass', (object) => textAt(object, 'spec', 'storageClassName')),
    text('VolumeAttributesClass', (object) => textAt(object, 'spec', 'volumeAttributesClassName') || '<unset>'),
    text('Reason', (object) => textAt(object, 'status', 'reason')),
    ageColumn,
    wide('VolumeMode', (object) => textAt(object, 'spec', 'volumeMode') || '<unset>'),
  ],
  '/events': [
    text('Last Seen', (object, now) => ageOf(fieldAt(object, 'lastTimestamp') ?? fieldAt(object, 'eventTime'), now)),
    text('Type', (object) => textAt(object, 'type')),
    text('Reason', (object) => textAt(object, 'reason')),
    text(
      'Object',
      (object) =>
        `${textAt(object, 'involvedObject', 'kind').toLowerCase()}/${textAt(object, 'involvedObject', 'name')}`,
    ),
    text('Message', (object) => textAt(object, 'message').trim()),
    wide('Name', (object) => textAt(object, 'metadata', 'name')),
  ],
  'networking.k8s.io/ingresses': [
    nameColumn,
    text('Class', (object) => orNone(textAt(object, 'spec', 'ingressClassName'))),
    text(
      'Hosts',
      (object) =>
        listAt(object, 'spec', 'rules')
          .map((rule) => textAt(rule, 'host'))
          .filter((host) => host !== '')
          .join(',') || '*',
    ),
    text('Address', (object) =>
      listAt(object, 'status', 'loadBalancer', 'ingress')
        .map((one) => textAt(one, 'ip') || textAt(one, 'hostname'))
        .join(','),
    ),
    text('Ports', ingressPorts),
    ageColumn,
  ],
  'networking.k8s.io/ingressclasses': [
    nameColumn,
    text('Controller', (object) => textAt(object, 'spec', 'controller')),
    text('Parameters', (object) => orNone(textAt(object, 'spec', 'parameters', 'name'))),
    ageColumn,
  ],
  'networking.k8s.io/networkpolicies': [
    nameColumn,
    text('Pod-Selector', (object) => selectorAt(object, 'spec', 'podSelector')),
    ageColumn,
  ],
  'autoscaling/horizontalpodautoscalers': [
    nameColumn,
    text(
      'Reference',
      (object) =>
        `${textAt(object, 'spec', 'scaleTargetRef', 'kind')}/${textAt(object, 'spec', 'scaleTargetRef', 'name')}`,
    ),
    text('Targets', metricText),
    text('MinPods', (object) => String(numberAt(object, 'spec', 'minReplicas') || '<unset>')),
    text('MaxPods', (object) => String(numberAt(object, 'spec', 'maxReplicas'))),
    text('Replicas', (object) => String(numberAt(object, 'status', 'currentReplicas'))),
    ageColumn,
  ],
  'policy/poddisruptionbudgets': [
    nameColumn,
    text('Min Available', (object) => budget(fieldAt(object, 'spec', 'minAvailable'))),
    text('Max Unavailable', (object) => budget(fieldAt(object, 'spec', 'maxUnavailable'))),
    count('Allowed Disruptions', (object) => numberAt(object, 'status', 'disruptionsAllowed')),
    ageColumn,
  ],
  'storage.k8s.io/storageclasses': [
    { ...nameColumn, value: storageClassName },
    text('Provisioner', (object) => textAt(object, 'provisioner')),
    text('ReclaimPolicy', (object) => textAt(object, 'reclaimPolicy')),
    text('VolumeBindingMode', (object) => textAt(object, 'volumeBindingMode')),
    text('AllowVolumeExpansion', (object) => fieldAt(object, 'allowVolumeExpansion') === true),
    ageColumn,
  ],
  'rbac.authorization.k8s.io/roles': [
    nameColumn,
    text('Created At', (object) => textAt(object, 'metadata', 'creationTimestamp')),
  ],
  'rbac.authorization.k8s.io/clusterroles': [
    nameColumn,
    text('Created At', (object) => textAt(object, 'metadata', 'creationTimestamp')),
  ],
  'rbac.authorization.k8s.io/rolebindings': bindingColumns(),
  'rbac.authorization.k8s.io/clusterrolebindings': bindingColumns(),
  'apiextensions.k8s.io/customresourcedefinitions': [
    nameColumn,
    text('Created At', (object) => textAt(object, 'metadata', 'creationTimestamp')),
  ],
  'scheduling.k8s.io/priorityclasses': [
    nameColumn,
    count('Value', (object) => numberAt(object, 'value')),
    text('Global-Default', (object) => fieldAt(object, 'globalDefault') === true),
    ageColumn,
    text('PreemptionPolicy', (object) => textAt(object, 'preemptionPolicy')),
  ],
  'coordination.k8s.io/leases': [
    nameColumn,
    text('Holder', (object) => textAt(object, 'spec', 'holderIdentity')),
    ageColumn,
  ],
};

function bindingColumns(): Column[] {
  const subjects = (kind: string) => (object: KubeObject) =>
    listAt(object, 'subjects')
      .filter((subject) => textAt(subject, 'kind') === kind)
      .map((subject) => [textAt(subject, 'namespace'), textAt(subject, 'name')].filter((part) => part !== '').join('/'))
      .join(', ');
  return [
    nameColumn,
    text('Role', (object) => `${textAt(object, 'roleRef', 'kind')}/${textAt(object, 'roleRef', 'name')}`),
    ageColumn,
    wide('Users', subjects('User')),
    wide('Groups', subjects('Group')),
    wide('ServiceAccounts', subjects('ServiceAccount')),
  ];
}

function storageClassName(object: KubeObject): string {
  const name = textAt(object, 'metadata', 'name');
  const isDefault = textAt(object, 'metadata', 'annotations', 'storageclass.kubernetes.io/is-default-class') === 'true';
  return isDefault ? `${name} (default)` : name;
}
