import { type Json, equalJson, fieldAt, isJsonObject, listAt } from '../../json.ts';
import type { KubeObject } from '../../kube/objectKey.ts';
import { parseQuantity } from '../../kube/quantity.ts';
import { type FieldError, forbiddenField, invalidValue } from '../fieldError.ts';
import { hasCondition } from '../conditions.ts';
import { mapAt, textAt } from './fields.ts';

/** Says what a change may not change (semantics X-1, appendix 2). */
type ChangeCheck = (object: KubeObject, live: KubeObject) => FieldError[];

const immutable = 'field is immutable';

/** Paths that keep their value, with the one text for all of them. */
function keeps(...paths: readonly string[]): ChangeCheck {
  return (object, live) =>
    paths.flatMap((path) => {
      const [now, before] = [fieldAt(object, ...path.split('.')), fieldAt(live, ...path.split('.'))];
      return equalJson(now, before) ? [] : [invalidValue(path, now, immutable)];
    });
}

function keepsForbidden(message: (path: string) => string, ...paths: readonly string[]): ChangeCheck {
  return (object, live) =>
    paths.filter((path) => !equalJson(object[path], live[path])).map((path) => forbiddenField(path, message(path)));
}

function statefulSet(object: KubeObject, live: KubeObject): FieldError[] {
  const mutable = [
    'replicas',
    'ordinals',
    'template',
    'updateStrategy',
    'revisionHistoryLimit',
    'persistentVolumeClaimRetentionPolicy',
    'minReadySeconds',
  ];
  const rest = (value: KubeObject): Json => {
    const spec = mapAt(value, 'spec');
    return Object.fromEntries(Object.entries(spec).filter(([key]) => !mutable.includes(key)));
  };
  if (equalJson(rest(object), rest(live))) return [];
  const names = mutable.map((name) => `'${name}'`);
  const list = `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
  return [forbiddenField('spec', `updates to statefulset spec for fields other than ${list} are forbidden`)];
}

function job(object: KubeObject, live: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const [spec, before] = [mapAt(object, 'spec'), mapAt(live, 'spec')];
  const isIndexed = before['completionMode'] === 'Indexed';
  if (!equalJson(spec['completions'], before['completions'])) {
    const together = equalJson(spec['completions'], spec['parallelism']);
    if (!isIndexed) errors.push(invalidValue('spec.completions', spec['completions'], immutable));
    else if (!together) {
      errors.push(
        invalidValue('spec.completions', spec['completions'], 'can only be modified in tandem with spec.parallelism'),
      );
    }
  }
  errors.push(...keeps('spec.selector')(object, live));
  const isWaiting = before['suspend'] === true && fieldAt(live, 'status', 'startTime') === undefined;
  if (!equalJson(schedulable(spec['template'], isWaiting), schedulable(before['template'], isWaiting))) {
    errors.push(invalidValue('spec.template', spec['template'], immutable));
  }
  const rest = ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'];
  return [...errors, ...keeps(...rest.map((name) => `spec.${name}`))(object, live)];
}

/** The template without what may change of a Job that was never started. */
function schedulable(template: Json | undefined, isWaiting: boolean): Json | undefined {
  if (!isWaiting || !isJsonObject(template)) return template;
  const { nodeSelector: _, tolerations: __, schedulingGates: ___, affinity, ...spec } = mapAt(template, 'spec');
  const { nodeAffinity: ____, ...otherAffinity } = isJsonObject(affinity) ? affinity : {};
  const { labels: _____, annotations: ______, ...metadata } = mapAt(template, 'metadata');
  return { ...template, metadata, spec: { ...spec, affinity: otherAffinity } };
}

const podMessage =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,' +
  '`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),' +
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

function pod(object: KubeObject, live: KubeObject): FieldError[] {
  const fixed = (value: KubeObject): Json => {
    const { activeDeadlineSeconds: _, tolerations: __, schedulingGates: ___, ...spec } = mapAt(value, 'spec');
    const withoutImages = (name: string): Json =>
      listAt(spec, name).map((one) => (isJsonObject(one) ? { ...one, image: '' } : one));
    return { ...spec, containers: withoutImages('containers'), initContainers: withoutImages('initContainers') };
  };
  const errors: FieldError[] = [];
  const kept = listAt(live, 'spec', 'tolerations').every((one) =>
    listAt(object, 'spec', 'tolerations').some((other) => equalJson(one, other)),
  );
  if (!kept)
    errors.push(
      forbiddenField('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'),
    );
  if (!equalJson(fixed(object), fixed(live))) errors.push(forbiddenField('spec', podMessage));
  return errors;
}

function service(object: KubeObject, live: KubeObject): FieldError[] {
  const [spec, before] = [mapAt(object, 'spec'), mapAt(live, 'spec')];
  const wasExternal = before['type'] === 'ExternalName' || spec['type'] === 'ExternalName';
  const errors: FieldError[] = [];
  const [address, oldAddress] = [textAt(spec, 'clusterIP'), textAt(before, 'clusterIP')];
  if (!wasExternal && oldAddress !== '' && address !== oldAddress) {
    errors.push(invalidValue('spec.clusterIPs[0]', [...listAt(spec, 'clusterIPs')], 'may not change once set'));
  }
  if (before['type'] === 'LoadBalancer' && spec['type'] === 'LoadBalancer')
    errors.push(...keeps('spec.loadBalancerClass')(object, live));
  const [family, oldFamily] = [listAt(spec, 'ipFamilies')[0], listAt(before, 'ipFamilies')[0]];
  if (!wasExternal && oldFamily !== undefined && !equalJson(family, oldFamily)) {
    errors.push(invalidValue('spec.ipFamilies[0]', family, 'may not change once set'));
  }
  return errors;
}

function persistentVolumeClaim(object: KubeObject, live: KubeObject): FieldError[] {
  const isBound = textAt(live, 'status', 'phase') === 'Bound';
  const fixed = (value: KubeObject): Json => {
    const spec = { ...mapAt(value, 'spec') };
    if (isBound) for (const key of ['resources', 'volumeAttributesClassName']) delete spec[key];
    // Binding is what sets the volume's name the first time.
    if (fieldAt(live, 'spec', 'volumeName') === undefined) delete spec['volumeName'];
    return spec;
  };
  const errors: FieldError[] = [];
  if (!equalJson(fixed(object), fixed(live))) {
    const message =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    errors.push(forbiddenField('spec', message));
  }
  const size = (value: KubeObject): bigint =>
    parseQuantity(fieldAt(value, 'spec', 'resources', 'requests', 'storage')) ?? 0n;
  if (isBound && size(object) < size(live)) {
    errors.push(forbiddenField('spec.resources.requests.storage', 'field can not be less than previous value'));
  }
  return errors;
}

function persistentVolume(object: KubeObject, live: KubeObject): FieldError[] {
  const notSource = [
    'accessModes',
    'capacity',
    'claimRef',
    'mountOptions',
    'nodeAffinity',
    'persistentVolumeReclaimPolicy',
  ].concat('storageClassName', 'volumeAttributesClassName', 'volumeMode');
  const source = (value: KubeObject): Json =>
    Object.fromEntries(Object.entries(mapAt(value, 'spec')).filter(([key]) => !notSource.includes(key)));
  const errors = keeps('spec.volumeMode')(object, live);
  if (!equalJson(source(object), source(live))) {
    errors.unshift(
      forbiddenField('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation'),
    );
  }
  return errors;
}

function immutableData(...maps: readonly string[]): ChangeCheck {
  return (object, live) => {
    if (live['immutable'] !== true) return [];
    const message = 'field is immutable when `immutable` is set';
    const errors = maps.filter((map) => !equalJson(object[map], live[map])).map((map) => forbiddenField(map, message));
    return object['immutable'] === true ? errors : [forbiddenField('immutable', message), ...errors];
  };
}

function roleReference(object: KubeObject, live: KubeObject): FieldError[] {
  return equalJson(object['roleRef'], live['roleRef'])
    ? []
    : [invalidValue('roleRef', object['roleRef'], 'cannot change roleRef')];
}

function customResourceDefinition(object: KubeObject, live: KubeObject): FieldError[] {
  const established = hasCondition(live, 'Established');
  const errors = keeps(
    'spec.group',
    'spec.names.plural',
    ...(established ? ['spec.scope', 'spec.names.kind'] : []),
  )(object, live);
  const versions = listAt(object, 'spec', 'versions').map((version) => textAt(version, 'name'));
  for (const [index, stored] of listAt(live, 'status', 'storedVersions').entries()) {
    if (typeof stored !== 'string' || versions.includes(stored)) continue;
    const why =
      `missing from spec.versions; ${stored} was previously a storage version, and must remain in spec.versions until a storage ` +
      `migration ensures no data remains persisted in ${stored} and removes ${stored} from status.storedVersions`;
    errors.push(invalidValue(`status.storedVersions[${index}]`, stored, why));
  }
  return errors;
}

function priorityClass(object: KubeObject, live: KubeObject): FieldError[] {
  const value = equalJson(object['value'], live['value'])
    ? []
    : [forbiddenField('value', 'may not be changed in an update.')];
  return [...value, ...keeps('preemptionPolicy')(object, live)];
}

const updatesForbidden = (path: string): string => `updates to ${path} are forbidden.`;

const checks: Readonly<Record<string, ChangeCheck>> = {
  'apps/deployments': keeps('spec.selector'),
  'apps/daemonsets': keeps('spec.selector'),
  'apps/replicasets': keeps('spec.selector'),
  'apps/statefulsets': statefulSet,
  'apps/controllerrevisions': keeps('data'),
  'batch/jobs': job,
  '/pods': pod,
  '/services': service,
  '/persistentvolumeclaims': persistentVolumeClaim,
  '/persistentvolumes': persistentVolume,
  '/configmaps': immutableData('data', 'binaryData'),
  '/secrets': (object, live) => [...keeps('type')(object, live), ...immutableData('data')(object, live)],
  'rbac.authorization.k8s.io/rolebindings': roleReference,
  'rbac.authorization.k8s.io/clusterrolebindings': roleReference,
  'storage.k8s.io/storageclasses': (object, live) => [
    ...keepsForbidden(updatesForbidden, 'parameters', 'provisioner', 'reclaimPolicy')(object, live),
    ...keeps('volumeBindingMode')(object, live),
  ],
  'storage.k8s.io/volumeattributesclasses': keepsForbidden(updatesForbidden, 'driverName', 'parameters'),
  'storage.k8s.io/csidrivers': keeps('spec.attachRequired', 'spec.volumeLifecycleModes'),
  'storage.k8s.io/csistoragecapacities': keeps('nodeTopology', 'storageClassName'),
  'scheduling.k8s.io/priorityclasses': priorityClass,
  'node.k8s.io/runtimeclasses': keeps('handler'),
  'networking.k8s.io/ingressclasses': keeps('spec.controller'),
  'networking.k8s.io/ipaddresses': keeps('spec.parentRef'),
  'discovery.k8s.io/endpointslices': keeps('addressType'),
  '/resourcequotas': keeps('spec.scopes'),
  'resource.k8s.io/resourceclaims': keeps('spec'),
  'resource.k8s.io/resourceclaimtemplates': keeps('spec'),
  'apiextensions.k8s.io/customresourcedefinitions': customResourceDefinition,
};

/** What of a change the API server would refuse because a field may not change. */
export function validateImmutable(object: KubeObject, live: KubeObject, resource: string): FieldError[] {
  return checks[resource]?.(object, live) ?? [];
}
