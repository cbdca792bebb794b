import { type Json, isJsonObject } from '../json.ts';

/**
 * Optional fields of the built-in kinds that the server holds without a pointer: their zero is dropped (semantics N-11). Gathered
 * from the types of k8s.io/api 1.35; a name that some kind holds by pointer is left out, unless its zero means nothing there.
 */
const droppedZero: ReadonlySet<string> = new Set(
  `chapAuthDiscovery chapAuthSession clusterScope globalDefault hostIPC hostNetwork hostPID insecureSkipTLSVerifyBackend paused
  publishNotReadyAddresses readOnly sslEnabled stdin stdinOnce tty unschedulable
  failureThreshold healthCheckNodePort hostPort initialDelaySeconds minReadySeconds nodePort periodSeconds successThreshold
  action apiVersion clusterIP concurrencyPolicy controller description directory dnsPolicy effect externalName
  externalTrafficPolicy fieldPath group host hostIP hostname image imagePullPolicy key level loadBalancerIP medium messageExpression
  namespace nodeName operator persistentVolumeReclaimPolicy podCIDR podManagementPolicy policyName prefix priorityClassName protocol
  providerID pullPolicy reason restartPolicy role schedulerName scheme secretName serviceAccount serviceAccountName sessionAffinity
  subPath subPathExpr subdomain terminationMessagePath terminationMessagePolicy type user username value verb volumeName whenDeleted
  whenScaled workingDir`.split(/\s+/),
);

/** Empty maps that choose: a member of a union, or everything (semantics N-10). */
const meaningfulEmpty: ReadonlySet<string> = new Set([
  'emptyDir',
  'podSelector',
  'namespaceSelector',
  'objectSelector',
  'labelSelector',
  'ephemeral',
  'rollingUpdate',
]);

/**
 * Whether a declared value that live lacks means the same as not declaring it (semantics N-10, N-11): null everywhere; for built-in kinds
 * also empty maps and lists, unless being there is their meaning, and zeroes that the server drops. A custom resource keeps them.
 */
export function meansAbsent(value: Json, fieldName: string, builtIn: boolean): boolean {
  if (value === null) return true;
  if (!builtIn) return false;
  if (Array.isArray(value)) return value.length === 0;
  if (isJsonObject(value)) {
    if (meaningfulEmpty.has(fieldName)) return false;
    return Object.keys(value).every((key) => meansAbsent(value[key] ?? null, key, builtIn));
  }
  return (value === '' || value === 0 || value === false) && droppedZero.has(fieldName);
}

/** Null, zero, or nothing but zeroes: all that the server drops of what was declared. */
export function isZero(value: Json): boolean {
  if (typeof value !== 'object' || value === null)
    return value === null || value === false || value === '' || value === 0;
  return Object.values(value).every((item) => isZero(item));
}

const neverEmpty: ReadonlySet<string> = new Set(
  `clusterIP clusterIPs nodePort healthCheckNodePort volumeName nodeName serviceAccountName
  periodSeconds failureThreshold successThreshold timeoutSeconds imagePullPolicy dnsPolicy restartPolicy schedulerName
  terminationMessagePath terminationMessagePolicy protocol scheme pathType sessionAffinity externalTrafficPolicy concurrencyPolicy
  podManagementPolicy persistentVolumeReclaimPolicy whenDeleted whenScaled`.split(/\s+/),
);

/** Fields that the server or a controller always fills in where a manifest leaves them empty (semantics appendix 1 rows 19, 20). */
export function isNeverEmpty(fieldName: string): boolean {
  return neverEmpty.has(fieldName);
}

const anyDefault: ReadonlyMap<string, readonly Json[]> = new Map<string, readonly Json[]>([
  ['protocol', ['TCP']],
  ['scope', ['*']],
  ['pathType', ['ImplementationSpecific']],
  ['expirationSeconds', [3600]],
  ['apiVersion', ['v1']],
  ['volumeMode', ['Filesystem']],
  ['defaultMode', [420]],
  ['divisor', ['0', 0]],
  ['matchPolicy', ['Equivalent']],
  ['operator', ['Equal']],
  ['apiGroup', ['', 'rbac.authorization.k8s.io']],
  ['status', ['True']],
]);

/**
 * Defaults that the server writes inside lists that merge as a whole, where no owner tells them apart from an edit: in projected
 * volumes, rules of webhooks and policies, claim templates.
 */
export function isKnownDefault(fieldName: string, value: Json): boolean {
  // Filled in from limits, with values of its own.
  if (fieldName === 'defaultRequest') return true;
  return anyDefault.get(fieldName)?.includes(value) ?? false;
}
