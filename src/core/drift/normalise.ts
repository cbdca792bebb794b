import type { KubeObject } from '../kube/objectKey.ts';
import { normaliseAutoscaler } from './normaliseAutoscaler.ts';
import { normaliseEndpoints } from './normaliseEndpoints.ts';
import { normaliseMetadata } from './normaliseMetadata.ts';
import { normalisePorts } from './normalisePorts.ts';
import { normaliseRbac } from './normaliseRbac.ts';
import { normaliseSecret } from './normaliseSecret.ts';
import { normaliseStatefulSet } from './normaliseStatefulSet.ts';
import { normaliseServiceAccount } from './serviceAccountAlias.ts';

/** Rewrites an object for comparison; returns the very same object where it has nothing to say. */
type Normaliser = (object: KubeObject) => KubeObject;

const everyKind: readonly Normaliser[] = [normaliseMetadata];

const podRules: readonly Normaliser[] = [normalisePorts, normaliseServiceAccount];

const byKind: Readonly<Record<string, readonly Normaliser[]>> = {
  '/Secret': [normaliseSecret],
  '/Service': [normalisePorts],
  '/Pod': podRules,
  '/Endpoints': [normaliseEndpoints],
  'apps/Deployment': podRules,
  'apps/StatefulSet': [...podRules, normaliseStatefulSet],
  'apps/DaemonSet': podRules,
  'apps/ReplicaSet': podRules,
  'batch/Job': podRules,
  'batch/CronJob': podRules,
  'autoscaling/HorizontalPodAutoscaler': [normaliseAutoscaler],
  'rbac.authorization.k8s.io/Role': [normaliseRbac],
  'rbac.authorization.k8s.io/ClusterRole': [normaliseRbac],
};

/**
 * The form of an object that is compared (semantics N-1 to N-16). Desired, applied and live go through the same rules; nothing that
 * people wrote is respelt, so values can be shown from it. The argument is not changed; parts of it are shared.
 */
export function normalise(object: KubeObject): KubeObject {
  const slash = object.apiVersion.indexOf('/');
  const group = slash === -1 ? '' : object.apiVersion.slice(0, slash);
  let result = object;
  for (const rule of everyKind) result = rule(result);
  for (const rule of byKind[`${group}/${object.kind}`] ?? []) result = rule(result);
  return result;
}
