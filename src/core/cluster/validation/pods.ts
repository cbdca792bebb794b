import { type Json, fieldAt, isJsonObject, listAt } from '../../json.ts';
import { canonicalQuantity, parseQuantity } from '../../kube/quantity.ts';
import {
  type FieldError,
  duplicate,
  forbiddenField,
  invalidValue,
  notFoundField,
  notSupported,
  required,
} from '../fieldError.ts';
import { each, mapAt, needsItems, needsText, portNumber, textAt } from './fields.ts';
import { isLabel, labelMessage } from './metadata.ts';

/** A Pod's spec, wherever it stands. */
export function validatePodSpec(spec: Json | undefined, path: string): FieldError[] {
  const volumes = new Set(listAt(spec, 'volumes').map((volume) => textAt(volume, 'name')));
  const container = (item: Json, at: string): FieldError[] => validateContainer(item, at, volumes);
  return [
    ...each(fieldAt(spec, 'volumes'), `${path}.volumes`, validateVolume),
    ...needsItems(spec, path, 'containers'),
    ...each(fieldAt(spec, 'containers'), `${path}.containers`, container),
    ...each(fieldAt(spec, 'initContainers'), `${path}.initContainers`, container),
    ...duplicateNames(spec, path),
    ...oneOf(spec, path, 'restartPolicy', ['Always', 'OnFailure', 'Never']),
    ...oneOf(spec, path, 'dnsPolicy', ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None']),
  ];
}

function oneOf(value: Json | undefined, path: string, key: string, supported: readonly string[]): FieldError[] {
  const found = textAt(value, key);
  return found === '' || supported.includes(found) ? [] : [notSupported(`${path}.${key}`, found, supported)];
}

function duplicateNames(spec: Json | undefined, path: string): FieldError[] {
  const seen = new Set<string>();
  return ['initContainers', 'containers'].flatMap((list) =>
    each(fieldAt(spec, list), `${path}.${list}`, (item, at) => {
      const name = textAt(item, 'name');
      if (name === '' || !seen.has(name)) {
        seen.add(name);
        return [];
      }
      return [duplicate(`${at}.name`, name)];
    }),
  );
}

/** The order in which the server looks: the first source is taken, the others are refused. */
const sourceOrder = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
].concat(
  [
    'glusterfs',
    'flocker',
    'persistentVolumeClaim',
    'rbd',
    'cinder',
    'cephfs',
    'quobyte',
    'downwardAPI',
    'fc',
    'azureFile',
  ],
  [
    'configMap',
    'vsphereVolume',
    'photonPersistentDisk',
    'portworxVolume',
    'azureDisk',
    'storageos',
    'projected',
    'scaleIO',
  ],
);

function validateVolume(volume: Json, path: string): FieldError[] {
  const given = Object.entries(isJsonObject(volume) ? volume : {})
    .filter(([key, value]) => key !== 'name' && isJsonObject(value))
    .map(([key]) => key);
  const sources = given.sort((a, b) => sourceOrder.indexOf(a) - sourceOrder.indexOf(b));
  return [
    ...needsText(volume, path, 'name'),
    ...dnsLabel(textAt(volume, 'name'), `${path}.name`),
    ...sources.slice(1).map((source) => forbiddenField(`${path}.${source}`, 'may not specify more than 1 volume type')),
    ...(fieldAt(volume, 'configMap') === undefined ? [] : needsText(volume, path, 'configMap', 'name')),
    ...(fieldAt(volume, 'secret') === undefined ? [] : needsText(volume, path, 'secret', 'secretName')),
    ...(fieldAt(volume, 'persistentVolumeClaim') === undefined
      ? []
      : needsText(volume, path, 'persistentVolumeClaim', 'claimName')),
  ];
}

function dnsLabel(name: string, path: string): FieldError[] {
  return name === '' || isLabel(name) ? [] : [invalidValue(path, name, labelMessage)];
}

function validateContainer(container: Json, path: string, volumes: ReadonlySet<string>): FieldError[] {
  return [
    ...needsText(container, path, 'name'),
    ...dnsLabel(textAt(container, 'name'), `${path}.name`),
    ...needsText(container, path, 'image'),
    ...each(fieldAt(container, 'ports'), `${path}.ports`, validateContainerPort),
    ...each(fieldAt(container, 'env'), `${path}.env`, validateVariable),
    ...each(fieldAt(container, 'volumeMounts'), `${path}.volumeMounts`, (mount, at) =>
      validateMount(mount, at, volumes),
    ),
    ...oneOf(container, path, 'imagePullPolicy', ['Always', 'IfNotPresent', 'Never']),
    ...['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((name) =>
      validateProbe(fieldAt(container, name), `${path}.${name}`),
    ),
    ...oneOf(container, path, 'terminationMessagePolicy', ['FallbackToLogsOnError', 'File']),
    ...validateResources(container, path),
  ];
}

function validateContainerPort(port: Json, path: string): FieldError[] {
  const number = fieldAt(port, 'containerPort');
  if (number === undefined || number === 0) return [required(`${path}.containerPort`)];
  return [...portNumber(number, `${path}.containerPort`), ...oneOf(port, path, 'protocol', ['SCTP', 'TCP', 'UDP'])];
}

function validateVariable(variable: Json, path: string): FieldError[] {
  const source = mapAt(variable, 'valueFrom');
  if (textAt(variable, 'value') !== '' && Object.keys(source).length > 0) {
    return [
      ...needsText(variable, path, 'name'),
      invalidValue(`${path}.valueFrom`, '', 'may not be specified when `value` is not empty'),
    ];
  }
  return needsText(variable, path, 'name');
}

function validateMount(mount: Json, path: string, volumes: ReadonlySet<string>): FieldError[] {
  const name = textAt(mount, 'name');
  return [
    ...needsText(mount, path, 'name'),
    ...(name === '' || volumes.has(name) ? [] : [notFoundField(`${path}.name`, name)]),
    ...needsText(mount, path, 'mountPath'),
  ];
}

function validateProbe(probe: Json | undefined, path: string): FieldError[] {
  if (!isJsonObject(probe)) return [];
  const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc'].filter((name) => isJsonObject(probe[name]));
  if (handlers.length === 0) return [required(path, 'must specify a handler type')];
  return handlers.slice(1).map((name) => forbiddenField(`${path}.${name}`, 'may not specify more than 1 handler type'));
}

function validateResources(container: Json, path: string): FieldError[] {
  const limits = mapAt(container, 'resources', 'limits');
  return Object.entries(mapAt(container, 'resources', 'requests')).flatMap(([resource, request]) => {
    const [wanted, most] = [parseQuantity(request), parseQuantity(limits[resource])];
    if (wanted === undefined || most === undefined || wanted <= most) return [];
    const limit = canonicalQuantity(limits[resource]) ?? '';
    const detail = `must be less than or equal to ${resource} limit of ${limit}`;
    return [invalidValue(`${path}.resources.requests`, canonicalQuantity(request), detail)];
  });
}
