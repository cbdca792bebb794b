import type { JsonObject } from '../../json.ts';
import { fill, fillText, madeMap, mapAt, mapsAt } from './fill.ts';
import { defaultPod, defaultPodTemplate } from './podDefaults.ts';

type Defaulter = (object: JsonObject) => void;

function deployment(object: JsonObject): void {
  const spec = madeMap(object, 'spec');
  fill(spec, 'replicas', 1);
  fill(spec, 'revisionHistoryLimit', 10);
  fill(spec, 'progressDeadlineSeconds', 600);
  const strategy = madeMap(spec, 'strategy');
  fillText(strategy, 'type', 'RollingUpdate');
  if (strategy['type'] === 'RollingUpdate') {
    const rolling = madeMap(strategy, 'rollingUpdate');
    fill(rolling, 'maxUnavailable', '25%');
    fill(rolling, 'maxSurge', '25%');
  }
  defaultPodTemplate(spec);
}

function replicaSet(object: JsonObject): void {
  const spec = madeMap(object, 'spec');
  fill(spec, 'replicas', 1);
  defaultPodTemplate(spec);
}

function daemonSet(object: JsonObject): void {
  const spec = madeMap(object, 'spec');
  // What stood in the spec of an older version.
  fill(madeMap(madeMap(object, 'metadata'), 'annotations'), 'deprecated.daemonset.template.generation', '1');
  fill(spec, 'revisionHistoryLimit', 10);
  const strategy = madeMap(spec, 'updateStrategy');
  fillText(strategy, 'type', 'RollingUpdate');
  if (strategy['type'] === 'RollingUpdate') {
    const rolling = madeMap(strategy, 'rollingUpdate');
    fill(rolling, 'maxUnavailable', 1);
    fill(rolling, 'maxSurge', 0);
  }
  defaultPodTemplate(spec);
}

function statefulSet(object: JsonObject): void {
  const spec = madeMap(object, 'spec');
  fill(spec, 'replicas', 1);
  fill(spec, 'revisionHistoryLimit', 10);
  fillText(spec, 'podManagementPolicy', 'OrderedReady');
  const strategy = madeMap(spec, 'updateStrategy');
  fillText(strategy, 'type', 'RollingUpdate');
  if (strategy['type'] === 'RollingUpdate') fill(madeMap(strategy, 'rollingUpdate'), 'partition', 0);
  const retention = madeMap(spec, 'persistentVolumeClaimRetentionPolicy');
  fillText(retention, 'whenDeleted', 'Retain');
  fillText(retention, 'whenScaled', 'Retain');
  for (const claim of mapsAt(spec, 'volumeClaimTemplates')) {
    fill(claim, 'apiVersion', 'v1');
    fill(claim, 'kind', 'PersistentVolumeClaim');
    persistentVolumeClaim(claim);
    fillText(madeMap(claim, 'status'), 'phase', 'Pending');
  }
  defaultPodTemplate(spec);
}

function job(object: JsonObject): void {
  const spec = madeMap(object, 'spec');
  if (spec['completions'] === undefined && spec['parallelism'] === undefined) spec['completions'] = 1;
  fill(spec, 'parallelism', 1);
  fill(spec, 'backoffLimit', spec['backoffLimitPerIndex'] === undefined ? 6 : 2_147_483_647);
  fill(spec, 'completionMode', 'NonIndexed');
  fill(spec, 'suspend', false);
  fill(spec, 'manualSelector', false);
  fill(spec, 'podReplacementPolicy', spec['podFailurePolicy'] === undefined ? 'TerminatingOrFailed' : 'Failed');
  for (const rule of mapsAt(mapAt(spec, 'podFailurePolicy'), 'rules')) {
    for (const pattern of mapsAt(rule, 'onPodConditions')) fillText(pattern, 'status', 'True');
  }
  defaultPodTemplate(spec);
  takeLabels(object, spec);
}

/** Older kinds take the labels of their Pods where they have none. */
function takeLabels(object: JsonObject, spec: JsonObject): void {
  const labels = mapAt(spec, 'template', 'metadata', 'labels');
  if (labels === undefined || mapAt(object, 'metadata', 'labels') !== undefined) return;
  madeMap(object, 'metadata')['labels'] = { ...labels };
}

function cronJob(object: JsonObject): void {
  const spec = madeMap(object, 'spec');
  fillText(spec, 'concurrencyPolicy', 'Allow');
  fill(spec, 'suspend', false);
  fill(spec, 'successfulJobsHistoryLimit', 3);
  fill(spec, 'failedJobsHistoryLimit', 1);
  const jobSpec = mapAt(spec, 'jobTemplate', 'spec');
  if (jobSpec !== undefined) defaultPodTemplate(jobSpec);
}

function replicationController(object: JsonObject): void {
  const spec = madeMap(object, 'spec');
  fill(spec, 'replicas', 1);
  defaultPodTemplate(spec);
  const labels = mapAt(spec, 'template', 'metadata', 'labels');
  if (labels !== undefined) fill(spec, 'selector', { ...labels });
  takeLabels(object, spec);
}

export function persistentVolumeClaim(object: JsonObject): void {
  fillText(madeMap(object, 'spec'), 'volumeMode', 'Filesystem');
}

export const workloadDefaults: Readonly<Record<string, Defaulter>> = {
  '/pods': defaultPod,
  '/podtemplates': (object) => defaultPodTemplate(object),
  '/replicationcontrollers': replicationController,
  '/persistentvolumeclaims': persistentVolumeClaim,
  'apps/deployments': deployment,
  'apps/replicasets': replicaSet,
  'apps/daemonsets': daemonSet,
  'apps/statefulsets': statefulSet,
  'batch/jobs': job,
  'batch/cronjobs': cronJob,
};
