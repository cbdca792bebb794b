import { type Json, fieldAt, isJsonObject, listAt } from '../../json.ts';
import type { KubeObject } from '../../kube/objectKey.ts';
import { type FieldError, forbiddenField, invalidValue, notSupported, required } from '../fieldError.ts';
import { labelSelectorMatch, labelsIn } from '../selectors.ts';
import { mapAt, needsItems, needsText, notNegative, textAt } from './fields.ts';
import { validateLabels } from './metadata.ts';
import { validatePodSpec } from './pods.ts';

type Validator = (object: KubeObject) => FieldError[];

function template(object: Json, path: string, restartPolicies: readonly string[]): FieldError[] {
  const spec = fieldAt(object, 'template', 'spec');
  const policy = textAt(spec, 'restartPolicy');
  const isAllowed = restartPolicies.includes(policy);
  const at = `${path}.template.spec.restartPolicy`;
  const wrongPolicy = restartPolicies.includes('Always')
    ? notSupported(at, policy, restartPolicies)
    : required(at, 'valid values: "OnFailure", "Never"');
  return [
    ...validateLabels(fieldAt(object, 'template', 'metadata', 'labels'), `${path}.template.labels`),
    ...validatePodSpec(spec, `${path}.template.spec`),
    ...(isAllowed ? [] : [wrongPolicy]),
  ];
}

/** The selector that is there must select what the template makes. */
function selector(spec: Json): FieldError[] {
  const found = fieldAt(spec, 'selector');
  const labels = fieldAt(spec, 'template', 'metadata', 'labels');
  const isEmpty = Object.keys(mapAt(found, 'matchLabels')).length + listAt(found, 'matchExpressions').length === 0;
  const missing = !isJsonObject(found);
  const errors: FieldError[] = [];
  if (missing) errors.push(required('spec.selector'));
  else if (isEmpty) errors.push(invalidValue('spec.selector', found, 'empty selector is invalid for deployment'));
  if (missing || !labelSelectorMatch(found)(labelsIn(labels))) {
    errors.push(invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
  }
  return errors;
}

function deployment(object: KubeObject): FieldError[] {
  const spec = mapAt(object, 'spec');
  const type = textAt(spec, 'strategy', 'type');
  const isRecreate = type === 'Recreate' && fieldAt(spec, 'strategy', 'rollingUpdate') !== undefined;
  return [
    ...notNegative(spec['replicas'], 'spec.replicas'),
    ...selector(spec),
    ...template(spec, 'spec', ['Always']),
    ...(isRecreate
      ? [forbiddenField('spec.strategy.rollingUpdate', "may not be specified when strategy `type` is 'Recreate'")]
      : []),
    ...(['Recreate', 'RollingUpdate'].includes(type)
      ? []
      : [notSupported('spec.strategy.type', type, ['Recreate', 'RollingUpdate'])]),
  ];
}

function replicaSet(object: KubeObject): FieldError[] {
  const spec = mapAt(object, 'spec');
  return [...notNegative(spec['replicas'], 'spec.replicas'), ...selector(spec), ...template(spec, 'spec', ['Always'])];
}

function statefulSet(object: KubeObject): FieldError[] {
  const spec = mapAt(object, 'spec');
  return [...notNegative(spec['replicas'], 'spec.replicas'), ...selector(spec), ...template(spec, 'spec', ['Always'])];
}

function job(object: KubeObject): FieldError[] {
  const spec = mapAt(object, 'spec');
  return [
    ...notNegative(spec['parallelism'], 'spec.parallelism'),
    ...notNegative(spec['completions'], 'spec.completions'),
    ...notNegative(spec['backoffLimit'], 'spec.backoffLimit'),
    ...template(spec, 'spec', ['OnFailure', 'Never']),
  ];
}

function cronJob(object: KubeObject): FieldError[] {
  const spec = mapAt(object, 'spec');
  return [
    ...needsText(spec, 'spec', 'schedule'),
    ...template(mapAt(spec, 'jobTemplate', 'spec'), 'spec.jobTemplate.spec', ['OnFailure', 'Never']),
  ];
}

function persistentVolumeClaim(object: KubeObject): FieldError[] {
  return [
    ...needsItems(object, '', 'spec', 'accessModes').map((error) => ({
      ...error,
      message: 'Required value: at least 1 access mode is required',
    })),
    ...(fieldAt(object, 'spec', 'resources', 'requests', 'storage') === undefined
      ? [required('spec.resources[storage]')]
      : []),
  ];
}

export const workloadValidators: Readonly<Record<string, Validator>> = {
  '/pods': (object) => validatePodSpec(object['spec'], 'spec'),
  '/persistentvolumeclaims': persistentVolumeClaim,
  'apps/deployments': deployment,
  'apps/replicasets': replicaSet,
  'apps/daemonsets': replicaSet,
  'apps/statefulsets': statefulSet,
  'batch/jobs': job,
  'batch/cronjobs': cronJob,
};
