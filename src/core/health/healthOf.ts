import { type Json, fieldAt } from '../json.ts';
import { type KubeObject, groupVersionKindOf } from '../kube/objectKey.ts';
import { isBuiltInGroup } from '../kube/builtInGroup.ts';
import {
  apiServiceHealth,
  customResourceDefinitionHealth,
  disruptionBudgetHealth,
  namespaceHealth,
} from './apiObjects.ts';
import { argoApplicationHealth, argoPhaseHealth } from './argoObject.ts';
import { conditionOf, wordsOf } from './condition.ts';
import { cronJobHealth } from './cronJob.ts';
import { conventionalHealth } from './customResource.ts';
import { daemonSetHealth } from './daemonSet.ts';
import { deploymentHealth } from './deployment.ts';
import { fluxObjectHealth } from './fluxObject.ts';
import { type HealthOptions, type HealthResult, degraded, progressing } from './healthResult.ts';
import { autoscalerHealth } from './horizontalPodAutoscaler.ts';
import { jobHealth } from './job.ts';
import { ingressHealth, serviceHealth } from './network.ts';
import { persistentVolumeClaimHealth } from './persistentVolumeClaim.ts';
import { podHealth } from './pod.ts';
import { replicaSetHealth } from './replicaSet.ts';
import { statefulSetHealth } from './statefulSet.ts';

type HealthRule = (object: Json, options: HealthOptions) => HealthResult;

const rules: Readonly<Record<string, HealthRule>> = {
  '/Namespace': namespaceHealth,
  '/PersistentVolumeClaim': persistentVolumeClaimHealth,
  '/Pod': podHealth,
  '/Service': serviceHealth,
  'apiextensions.k8s.io/CustomResourceDefinition': customResourceDefinitionHealth,
  'apiregistration.k8s.io/APIService': apiServiceHealth,
  'apps/DaemonSet': daemonSetHealth,
  'apps/Deployment': deploymentHealth,
  'apps/ReplicaSet': replicaSetHealth,
  'apps/StatefulSet': statefulSetHealth,
  'argoproj.io/Application': argoApplicationHealth,
  'argoproj.io/Rollout': argoPhaseHealth,
  'argoproj.io/Workflow': argoPhaseHealth,
  'autoscaling/HorizontalPodAutoscaler': autoscalerHealth,
  'batch/CronJob': cronJobHealth,
  'batch/Job': jobHealth,
  'networking.k8s.io/Ingress': ingressHealth,
  'policy/PodDisruptionBudget': disruptionBudgetHealth,
};

/**
 * How well an object does, and what that means to a person: kstatus and Argo CD's rules, kind by kind (semantics H-1 to H-4). Where the two
 * differ `flavour` chooses; without it the one that people are better served by.
 */
export function healthOf(object: KubeObject, options: HealthOptions = {}): HealthResult {
  if (fieldAt(object, 'metadata', 'deletionTimestamp') !== undefined) return progressing('being deleted');
  const { group, kind } = groupVersionKindOf(object);
  const generation = fieldAt(object, 'metadata', 'generation');
  const observed = fieldAt(object, 'status', 'observedGeneration');
  const isFlux = group.endsWith('.toolkit.fluxcd.io');
  const rule = rules[`${group}/${kind}`] ?? (isFlux ? fluxObjectHealth : undefined);
  if (typeof generation === 'number' && typeof observed === 'number' && generation > observed && !isSuspended(object)) {
    return progressing('its latest change is not yet seen by its controller');
  }
  if (rule !== undefined) return rule(object, options);
  const reconciling = conditionOf(object, 'Reconciling');
  if (reconciling?.status === 'True') return progressing(wordsOf(reconciling));
  const stalled = conditionOf(object, 'Stalled');
  if (stalled?.status === 'True') return degraded(wordsOf(stalled));
  return conventionalHealth(object, options, isBuiltInGroup(group));
}

/** A suspended Flux object is not looked at by its controller, which is no fault. */
function isSuspended(object: Json): boolean {
  return fieldAt(object, 'spec', 'suspend') === true;
}
