import { type Json, type JsonObject, listAt } from '../../json.ts';
import { storedBase64 } from './storedBase64.ts';
import { encodeBase64 } from '../../text/base64.ts';
import { fill, fillText, madeMap, mapAt, mapsAt } from './fill.ts';

type Defaulter = (object: JsonObject) => void;

function service(object: JsonObject): void {
  const spec = madeMap(object, 'spec');
  fillText(spec, 'sessionAffinity', 'None');
  if (spec['sessionAffinity'] === 'ClientIP') {
    fill(madeMap(madeMap(spec, 'sessionAffinityConfig'), 'clientIP'), 'timeoutSeconds', 10_800);
  }
  fillText(spec, 'type', 'ClusterIP');
  for (const port of mapsAt(spec, 'ports')) {
    fillText(port, 'protocol', 'TCP');
    if (port['targetPort'] === 0 || port['targetPort'] === '') delete port['targetPort'];
    if (port['port'] !== undefined) fill(port, 'targetPort', port['port']);
  }
  const { type } = spec;
  if (type === 'NodePort' || type === 'LoadBalancer') fillText(spec, 'externalTrafficPolicy', 'Cluster');
  if (type !== 'ExternalName') fillText(spec, 'internalTrafficPolicy', 'Cluster');
  if (type === 'LoadBalancer') fill(spec, 'allocateLoadBalancerNodePorts', true);
}

/** Texts are stored as bytes, and never given back (semantics N-3). */
function secret(object: JsonObject): void {
  fillText(object, 'type', 'Opaque');
  const data = mapAt(object, 'data');
  for (const [key, value] of Object.entries(data ?? {})) {
    if (data === undefined) continue;
    if (value === null) data[key] = '';
    else if (typeof value === 'string') data[key] = storedBase64(value) ?? value;
  }
  const texts = mapAt(object, 'stringData');
  if (texts === undefined) return;
  const target = madeMap(object, 'data');
  for (const [key, value] of Object.entries(texts)) {
    if (typeof value === 'string') target[key] = encodeBase64(value);
  }
  delete object['stringData'];
}

function namespace(object: JsonObject): void {
  const metadata = madeMap(object, 'metadata');
  if (typeof metadata['name'] === 'string')
    madeMap(metadata, 'labels')['kubernetes.io/metadata.name'] = metadata['name'];
}

function horizontalPodAutoscaler(object: JsonObject): void {
  const spec = madeMap(object, 'spec');
  fill(spec, 'minReplicas', 1);
  if (listAt(spec, 'metrics').length === 0) {
    const target = { type: 'Utilization', averageUtilization: 80 };
    spec['metrics'] = [{ type: 'Resource', resource: { name: 'cpu', target } }];
  }
  const behavior = mapAt(spec, 'behavior');
  if (behavior === undefined) return;
  const percent = { type: 'Percent', value: 100, periodSeconds: 15 };
  scalingRules(madeMap(behavior, 'scaleUp'), [{ type: 'Pods', value: 4, periodSeconds: 15 }, percent], 0);
  scalingRules(madeMap(behavior, 'scaleDown'), [percent], undefined);
}

function scalingRules(rules: JsonObject, policies: Json[], window: number | undefined): void {
  if (window !== undefined) fill(rules, 'stabilizationWindowSeconds', window);
  fill(rules, 'selectPolicy', 'Max');
  fill(rules, 'policies', policies);
}

function networkPolicy(object: JsonObject): void {
  const spec = madeMap(object, 'spec');
  for (const direction of ['ingress', 'egress']) {
    for (const rule of mapsAt(spec, direction))
      for (const port of mapsAt(rule, 'ports')) fillText(port, 'protocol', 'TCP');
  }
  if (listAt(spec, 'policyTypes').length === 0) {
    spec['policyTypes'] = listAt(spec, 'egress').length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  }
}

const rbacGroup = 'rbac.authorization.k8s.io';

function binding(object: JsonObject): void {
  const role = mapAt(object, 'roleRef');
  if (role !== undefined) fillText(role, 'apiGroup', rbacGroup);
  for (const subject of mapsAt(object, 'subjects')) {
    if (subject['kind'] === 'User' || subject['kind'] === 'Group') fillText(subject, 'apiGroup', rbacGroup);
  }
}

function storageClass(object: JsonObject): void {
  fill(object, 'reclaimPolicy', 'Delete');
  fill(object, 'volumeBindingMode', 'Immediate');
}

function persistentVolume(object: JsonObject): void {
  const spec = madeMap(object, 'spec');
  fillText(spec, 'persistentVolumeReclaimPolicy', 'Retain');
  fill(spec, 'volumeMode', 'Filesystem');
  const hostPath = mapAt(spec, 'hostPath');
  if (hostPath !== undefined) fill(hostPath, 'type', '');
}

function customResourceDefinition(object: JsonObject): void {
  const spec = madeMap(object, 'spec');
  fill(madeMap(spec, 'conversion'), 'strategy', 'None');
  const names = madeMap(spec, 'names');
  const kind = typeof names['kind'] === 'string' ? names['kind'] : '';
  fillText(names, 'singular', kind.toLowerCase());
  fillText(names, 'listKind', `${kind}List`);
  // A field of the beta version, stored only where it is true.
  if (spec['preserveUnknownFields'] === false) delete spec['preserveUnknownFields'];
}

function webhooks(reinvocation: boolean): Defaulter {
  return (object) => {
    for (const webhook of mapsAt(object, 'webhooks')) {
      fill(webhook, 'failurePolicy', 'Fail');
      fill(webhook, 'matchPolicy', 'Equivalent');
      fill(webhook, 'namespaceSelector', {});
      fill(webhook, 'objectSelector', {});
      fill(webhook, 'timeoutSeconds', 10);
      if (reinvocation) fill(webhook, 'reinvocationPolicy', 'Never');
      const target = mapAt(webhook, 'clientConfig', 'service');
      if (target !== undefined) fill(target, 'port', 443);
      for (const rule of mapsAt(webhook, 'rules')) fill(rule, 'scope', '*');
    }
  };
}

function limitRange(object: JsonObject): void {
  for (const item of mapsAt(mapAt(object, 'spec'), 'limits')) {
    if (item['type'] !== 'Container') continue;
    fromOther(item, 'default', 'max');
    fromOther(item, 'defaultRequest', 'default');
    fromOther(item, 'defaultRequest', 'min');
  }
}

function fromOther(item: JsonObject, target: string, source: string): void {
  const from = mapAt(item, source);
  if (from === undefined) return;
  const into = madeMap(item, target);
  for (const [resource, value] of Object.entries(from)) fill(into, resource, value);
}

export const otherDefaults: Readonly<Record<string, Defaulter>> = {
  '/services': service,
  '/secrets': secret,
  '/namespaces': namespace,
  '/persistentvolumes': persistentVolume,
  '/limitranges': limitRange,
  'autoscaling/horizontalpodautoscalers': horizontalPodAutoscaler,
  'networking.k8s.io/networkpolicies': networkPolicy,
  'networking.k8s.io/ingressclasses': (object) => {
    const parameters = mapAt(object, 'spec', 'parameters');
    if (parameters !== undefined) fill(parameters, 'scope', 'Cluster');
  },
  'rbac.authorization.k8s.io/rolebindings': binding,
  'rbac.authorization.k8s.io/clusterrolebindings': binding,
  'storage.k8s.io/storageclasses': storageClass,
  'scheduling.k8s.io/priorityclasses': (object) => fill(object, 'preemptionPolicy', 'PreemptLowerPriority'),
  'apiregistration.k8s.io/apiservices': (object) => {
    const target = mapAt(object, 'spec', 'service');
    if (target !== undefined) fill(target, 'port', 443);
  },
  'apiextensions.k8s.io/customresourcedefinitions': customResourceDefinition,
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': webhooks(true),
  'admissionregistration.k8s.io/validatingwebhookconfigurations': webhooks(false),
};
