import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import { groupVersionKindOf, nameOf, namespaceOf } from '../kube/objectKey.ts';
import type { SimulatedCluster } from './simulatedCluster.ts';

const namespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

function clusterScoped(apiVersion: string, kind: string, name: string, rest: JsonObject = {}): KubeObject {
  return { apiVersion, kind, metadata: { name }, ...rest };
}

const everything: JsonObject = { apiGroups: ['*'], resources: ['*'], verbs: ['*'] };

/** What a new cluster has before anybody asks for anything. */
const objects: readonly KubeObject[] = [
  ...namespaces.map((name) => clusterScoped('v1', 'Namespace', name)),
  clusterScoped('scheduling.k8s.io/v1', 'PriorityClass', 'system-cluster-critical', { value: 2_000_000_000 }),
  clusterScoped('scheduling.k8s.io/v1', 'PriorityClass', 'system-node-critical', { value: 2_000_001_000 }),
  clusterScoped('rbac.authorization.k8s.io/v1', 'ClusterRole', 'cluster-admin', { rules: [everything] }),
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'plumbline.sandbox/none',
    volumeBindingMode: 'Immediate',
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      labels: { component: 'apiserver', provider: 'kubernetes' },
    },
    spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }] },
  },
  clusterScoped('v1', 'Node', 'sandbox', {
    metadata: { name: 'sandbox', labels: { 'kubernetes.io/hostname': 'sandbox', 'kubernetes.io/os': 'linux' } },
  }),
];

/** Gives a cluster what it lacks of that. */
export function bootstrap(cluster: SimulatedCluster): void {
  for (const object of objects) {
    const { group, version, kind } = groupVersionKindOf(object);
    const served = cluster.catalog.byKind(group, version, kind);
    if (served === undefined || cluster.find(served, namespaceOf(object), nameOf(object)) !== undefined) continue;
    cluster.create(served, namespaceOf(object), object, { fieldManager: 'kube-apiserver' });
  }
  readyNode(cluster);
}

/** No kubelet reports, so the node is ready from the beginning. */
function readyNode(cluster: SimulatedCluster): void {
  const served = cluster.catalog.byKind('', 'v1', 'Node');
  const node = served === undefined ? undefined : cluster.find(served, '', 'sandbox');
  if (served === undefined || node === undefined) return;
  const resources = { cpu: '8', memory: '32Gi', pods: '110' };
  const status = {
    addresses: [
      { type: 'InternalIP', address: '10.0.0.1' },
      { type: 'Hostname', address: 'sandbox' },
    ],
    allocatable: resources,
    capacity: resources,
    conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'the sandbox runs no kubelet' }],
    nodeInfo: { kubeletVersion: 'v1.35.4', operatingSystem: 'linux', architecture: 'amd64' },
  };
  cluster.patch(served, '', 'sandbox', { status }, { type: 'merge', subresource: 'status', fieldManager: 'kubelet' });
}
