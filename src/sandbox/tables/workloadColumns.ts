import { fieldAt, listAt } from '../../core/json.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import { ageOf, durationText } from './age.ts';
import { containerImages, containerNames, mapText, none, numberAt, orNone, selectorAt, textAt } from './cells.ts';
import { type Column, ageColumn, count, nameColumn, text, wide } from './column.ts';

const templateColumns: readonly Column[] = [
  wide('Containers', (object) => containerNames(object, 'spec', 'template', 'spec')),
  wide('Images', (object) => containerImages(object, 'spec', 'template', 'spec')),
  wide('Selector', (object) => selectorAt(object, 'spec', 'selector')),
];

/** The reason that a Pod's state shows, before its phase: a container that waits says why. */
function podStatus(object: KubeObject): string {
  if (object.metadata['deletionTimestamp'] !== undefined) return 'Terminating';
  let status = textAt(object, 'status', 'reason') || textAt(object, 'status', 'phase');
  for (const container of listAt(object, 'status', 'containerStatuses')) {
    const reason =
      textAt(container, 'state', 'waiting', 'reason') || textAt(container, 'state', 'terminated', 'reason');
    if (reason !== '') status = reason;
  }
  return status;
}

function readyContainers(object: KubeObject): string {
  const statuses = listAt(object, 'status', 'containerStatuses');
  const ready = statuses.filter((status) => fieldAt(status, 'ready') === true).length;
  return `${ready}/${listAt(object, 'spec', 'containers').length}`;
}

function jobStatus(object: KubeObject): string {
  const conditions = listAt(object, 'status', 'conditions').filter(
    (condition) => textAt(condition, 'status') === 'True',
  );
  for (const type of ['Complete', 'Failed', 'Suspended', 'FailureTarget']) {
    if (conditions.some((condition) => textAt(condition, 'type') === type)) return type;
  }
  return object.metadata['deletionTimestamp'] === undefined ? 'Running' : 'Terminating';
}

function jobDuration(object: KubeObject, now: Date): string {
  const start = Date.parse(textAt(object, 'status', 'startTime'));
  if (Number.isNaN(start)) return '';
  const end = Date.parse(textAt(object, 'status', 'completionTime'));
  return durationText((Number.isNaN(end) ? now.getTime() : end) - start);
}

export const workloadColumns: Readonly<Record<string, readonly Column[]>> = {
  '/pods': [
    nameColumn,
    text('Ready', readyContainers),
    text('Status', podStatus),
    text('Restarts', (pod) =>
      String(
        listAt(pod, 'status', 'containerStatuses').reduce<number>((sum, one) => sum + numberAt(one, 'restartCount'), 0),
      ),
    ),
    ageColumn,
    wide('IP', (pod) => orNone(textAt(pod, 'status', 'podIP'))),
    wide('Node', (pod) => orNone(textAt(pod, 'spec', 'nodeName'))),
    wide('Nominated Node', (pod) => orNone(textAt(pod, 'status', 'nominatedNodeName'))),
    wide('Readiness Gates', () => none),
  ],
  'apps/deployments': [
    nameColumn,
    text('Ready', (object) => `${numberAt(object, 'status', 'readyReplicas')}/${numberAt(object, 'spec', 'replicas')}`),
    count('Up-to-date', (object) => numberAt(object, 'status', 'updatedReplicas')),
    count('Available', (object) => numberAt(object, 'status', 'availableReplicas')),
    ageColumn,
    ...templateColumns,
  ],
  'apps/replicasets': [
    nameColumn,
    count('Desired', (object) => numberAt(object, 'spec', 'replicas')),
    count('Current', (object) => numberAt(object, 'status', 'replicas')),
    count('Ready', (object) => numberAt(object, 'status', 'readyReplicas')),
    ageColumn,
    ...templateColumns,
  ],
  'apps/statefulsets': [
    nameColumn,
    text('Ready', (object) => `${numberAt(object, 'status', 'readyReplicas')}/${numberAt(object, 'spec', 'replicas')}`),
    ageColumn,
    ...templateColumns.slice(0, 2),
  ],
  'apps/daemonsets': [
    nameColumn,
    count('Desired', (object) => numberAt(object, 'status', 'desiredNumberScheduled')),
    count('Current', (object) => numberAt(object, 'status', 'currentNumberScheduled')),
    count('Ready', (object) => numberAt(object, 'status', 'numberReady')),
    count('Up-to-date', (object) => numberAt(object, 'status', 'updatedNumberScheduled')),
    count('Available', (object) => numberAt(object, 'status', 'numberAvailable')),
    text('Node Selector', (object) => mapText(fieldAt(object, 'spec', 'template', 'spec', 'nodeSelector'))),
    ageColumn,
    ...templateColumns,
  ],
  'apps/controllerrevisions': [
    nameColumn,
    text('Controller', (object) => {
      const owner = listAt(object, 'metadata', 'ownerReferences').find((one) => fieldAt(one, 'controller') === true);
      if (owner === undefined) return none;
      const group = textAt(owner, 'apiVersion').split('/').slice(0, -1).join('');
      return `${textAt(owner, 'kind').toLowerCase()}.${group}/${textAt(owner, 'name')}`;
    }),
    count('Revision', (object) => numberAt(object, 'revision')),
    ageColumn,
  ],
  'batch/jobs': [
    nameColumn,
    text('Status', jobStatus),
    text(
      'Completions',
      (object) => `${numberAt(object, 'status', 'succeeded')}/${numberAt(object, 'spec', 'completions') || 1}`,
    ),
    text('Duration', jobDuration),
    ageColumn,
    ...templateColumns,
  ],
  'batch/cronjobs': [
    nameColumn,
    text('Schedule', (object) => textAt(object, 'spec', 'schedule')),
    text('Timezone', (object) => orNone(textAt(object, 'spec', 'timeZone'))),
    text('Suspend', (object) => (fieldAt(object, 'spec', 'suspend') === true ? 'True' : 'False')),
    count('Active', (object) => listAt(object, 'status', 'active').length),
    text('Last Schedule', (object, now) => {
      const last = fieldAt(object, 'status', 'lastScheduleTime');
      return last === undefined ? none : ageOf(last, now);
    }),
    ageColumn,
    wide('Containers', (object) => containerNames(object, 'spec', 'jobTemplate', 'spec', 'template', 'spec')),
    wide('Images', (object) => containerImages(object, 'spec', 'jobTemplate', 'spec', 'template', 'spec')),
    wide('Selector', (object) => selectorAt(object, 'spec', 'jobTemplate', 'spec', 'selector')),
  ],
};
