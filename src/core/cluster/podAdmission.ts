import { type Json, type JsonObject, isJsonObject, listAt, stringAt } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import { randomSuffix } from './metadata.ts';
import { parseQuantity } from '../kube/quantity.ts';
import type { ServedKind } from './servedKind.ts';
import { nameOf, namespaceOf } from '../kube/objectKey.ts';
import type { ClusterView } from './clusterView.ts';
import { forbidden } from './statusError.ts';

const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount';

/** What admission gives to every new Pod: a service account with its token, tolerations of a lost node, a priority, a class of service. */
export function admitPod(cluster: ClusterView, kind: ServedKind, pod: KubeObject): KubeObject {
  const spec: JsonObject = { ...mapIn(pod['spec']) };
  const account = stringAt(spec, 'serviceAccountName') ?? 'default';
  const namespace = namespaceOf(pod);
  const found = cluster.store.get('/serviceaccounts', namespace, account);
  if (found === undefined) {
    throw forbidden(
      kind,
      nameOf(pod),
      `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`,
    );
  }
  spec['serviceAccountName'] = account;
  spec['serviceAccount'] = account;
  if (spec['automountServiceAccountToken'] !== false && found['automountServiceAccountToken'] !== false)
    mountToken(cluster, spec);
  const pullSecrets = listAt(found, 'imagePullSecrets');
  if (pullSecrets.length > 0 && spec['imagePullSecrets'] === undefined) spec['imagePullSecrets'] = [...pullSecrets];
  tolerateLostNode(spec);
  givePriority(cluster, kind, pod, spec);
  const status = { ...mapIn(pod['status']), qosClass: classOfService(spec) };
  return { ...pod, spec, status };
}

function mapIn(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** A container may bring a token of its own. */
function lacksToken(container: Json): boolean {
  return !listAt(container, 'volumeMounts').some((mount) => stringAt(mount, 'mountPath') === tokenPath);
}

function mountToken(cluster: ClusterView, spec: JsonObject): void {
  const name = `kube-api-access-${randomSuffix(() => cluster.random())}`;
  const lists = ['initContainers', 'containers'].filter((list) => listAt(spec, list).some(lacksToken));
  if (lists.length === 0) return;
  for (const list of lists) {
    spec[list] = listAt(spec, list).map((container): Json => {
      if (!isJsonObject(container) || !lacksToken(container)) return container;
      const mounts = listAt(container, 'volumeMounts');
      return { ...container, volumeMounts: [...mounts, { name, readOnly: true, mountPath: tokenPath }] };
    });
  }
  const namespace = { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } };
  const sources = [
    { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    { downwardAPI: { items: [namespace] } },
  ];
  spec['volumes'] = [...listAt(spec, 'volumes'), { name, projected: { sources, defaultMode: 420 } }];
}

function tolerateLostNode(spec: JsonObject): void {
  const tolerations = [...listAt(spec, 'tolerations')];
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    const known = tolerations.some(
      (one) => [key, undefined].includes(stringAt(one, 'key')) && stringAt(one, 'effect') !== 'NoSchedule',
    );
    if (!known) tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 });
  }
  spec['tolerations'] = tolerations;
}

function givePriority(cluster: ClusterView, kind: ServedKind, pod: KubeObject, spec: JsonObject): void {
  const name = stringAt(spec, 'priorityClassName') ?? '';
  const classes = cluster.store.list('scheduling.k8s.io/priorityclasses');
  const found =
    name === '' ? classes.find((one) => one['globalDefault'] === true) : classes.find((one) => nameOf(one) === name);
  if (name !== '' && found === undefined)
    throw forbidden(kind, nameOf(pod), `no PriorityClass with name ${name} was found`);
  if (found !== undefined) spec['priorityClassName'] = nameOf(found);
  spec['priority'] = found?.['value'] ?? 0;
  if (spec['preemptionPolicy'] === undefined)
    spec['preemptionPolicy'] = found?.['preemptionPolicy'] ?? 'PreemptLowerPriority';
}

function classOfService(spec: JsonObject): string {
  const containers = [...listAt(spec, 'initContainers'), ...listAt(spec, 'containers')];
  const amounts = containers.map((container) => {
    const resources = mapIn(isJsonObject(container) ? container['resources'] : undefined);
    return { requests: mapIn(resources['requests']), limits: mapIn(resources['limits']) };
  });
  const named = ['cpu', 'memory'];
  const any = amounts.some(({ requests, limits }) =>
    named.some((name) => isAmount(requests[name]) || isAmount(limits[name])),
  );
  if (!any) return 'BestEffort';
  const guaranteed = amounts.every(({ requests, limits }) =>
    named.every(
      (name) => isAmount(limits[name]) && parseQuantity(limits[name]) === parseQuantity(requests[name] ?? limits[name]),
    ),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

function isAmount(value: Json | undefined): boolean {
  const amount = parseQuantity(value);
  return amount !== undefined && amount > 0n;
}
