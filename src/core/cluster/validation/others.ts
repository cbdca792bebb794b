import { type Json, fieldAt, isJsonObject, listAt } from '../../json.ts';
import { printJson } from '../../jsonText.ts';
import { type KubeObject, nameOf } from '../../kube/objectKey.ts';
import { type FieldError, duplicate, forbiddenField, invalidValue, notSupported, required } from '../fieldError.ts';
import { each, mapAt, needsItems, needsText, portNumber, textAt } from './fields.ts';

type Validator = (object: KubeObject) => FieldError[];

function service(object: KubeObject): FieldError[] {
  const spec = mapAt(object, 'spec');
  const type = textAt(spec, 'type');
  const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
  const isHeadless = textAt(spec, 'clusterIP') === 'None';
  const ports = listAt(spec, 'ports');
  const names = new Set<string>();
  const seen = new Set<string>();
  return [
    ...(ports.length === 0 && !isHeadless && type !== 'ExternalName' ? [required('spec.ports')] : []),
    ...each(spec['ports'], 'spec.ports', (port, path) =>
      servicePort(port, path, { needsName: ports.length > 1, type }, names),
    ),
    ...(types.includes(type) ? [] : [notSupported('spec.type', type, types)]),
    ...(type === 'ExternalName' ? needsText(spec, 'spec', 'externalName') : []),
    ...each(spec['ports'], 'spec.ports', (port, path) => {
      const key = printJson([fieldAt(port, 'port') ?? 0, textAt(port, 'protocol')]);
      if (!seen.has(key)) {
        seen.add(key);
        return [];
      }
      const shown = {
        Name: '',
        Protocol: textAt(port, 'protocol'),
        AppProtocol: null,
        Port: fieldAt(port, 'port') ?? 0,
      };
      return [duplicate(path, { ...shown, TargetPort: 0, NodePort: 0 })];
    }),
  ];
}

function servicePort(
  port: Json,
  path: string,
  service: { needsName: boolean; type: string },
  names: Set<string>,
): FieldError[] {
  const name = textAt(port, 'name');
  const target = fieldAt(port, 'targetPort');
  const errors: FieldError[] = [];
  if (service.needsName && name === '') errors.push(required(`${path}.name`));
  if (name !== '' && names.has(name)) errors.push(duplicate(`${path}.name`, name));
  names.add(name);
  errors.push(...portNumber(fieldAt(port, 'port'), `${path}.port`));
  if (typeof target === 'number') errors.push(...portNumber(target, `${path}.targetPort`));
  else if (typeof target === 'string' && !/[a-z]/.test(target)) {
    errors.push(invalidValue(`${path}.targetPort`, target, 'must contain at least one letter (a-z)'));
  }
  const nodePort = fieldAt(port, 'nodePort');
  if (typeof nodePort === 'number' && (service.type === 'ClusterIP' || service.type === 'ExternalName')) {
    errors.push(forbiddenField(`${path}.nodePort`, `may not be used when \`type\` is '${service.type}'`));
  } else if (typeof nodePort === 'number' && (nodePort < 30_000 || nodePort > 32_767)) {
    const range = 'provided port is not in the valid range. The range of valid ports is 30000-32767';
    errors.push(invalidValue(`${path}.nodePort`, nodePort, range));
  }
  return errors;
}

const keyPattern = /^[-._a-zA-Z0-9]+$/;

function keyed(...maps: readonly string[]): Validator {
  return (object) =>
    maps.flatMap((map) =>
      Object.keys(mapAt(object, map))
        .filter((key) => !keyPattern.test(key))
        .map((key) =>
          invalidValue(
            `${map}[${key}]`,
            key,
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
          ),
        ),
    );
}

function ingress(object: KubeObject): FieldError[] {
  const spec = mapAt(object, 'spec');
  if (listAt(spec, 'rules').length === 0 && fieldAt(spec, 'defaultBackend') === undefined) {
    return [invalidValue('spec', undefined, 'either `defaultBackend` or `rules` must be specified')];
  }
  return each(spec['rules'], 'spec.rules', (rule, rulePath) =>
    each(fieldAt(rule, 'http', 'paths'), `${rulePath}.http.paths`, (path, at) => {
      const type = textAt(path, 'pathType');
      const types = ['Exact', 'ImplementationSpecific', 'Prefix'];
      if (type === '') return [required(`${at}.pathType`, 'pathType must be specified')];
      return types.includes(type) ? [] : [notSupported(`${at}.pathType`, type, types)];
    }),
  );
}

function horizontalPodAutoscaler(object: KubeObject): FieldError[] {
  const spec = mapAt(object, 'spec');
  const [most, least] = [spec['maxReplicas'], spec['minReplicas']];
  const errors: FieldError[] = [];
  if (typeof most !== 'number' || most < 1)
    errors.push(invalidValue('spec.maxReplicas', most ?? 0, 'must be greater than 0'));
  if (typeof most === 'number' && typeof least === 'number' && most < least) {
    errors.push(invalidValue('spec.maxReplicas', most, 'must be greater than or equal to `minReplicas`'));
  }
  return [
    ...errors,
    ...needsText(spec, 'spec', 'scaleTargetRef', 'kind'),
    ...needsText(spec, 'spec', 'scaleTargetRef', 'name'),
  ];
}

function disruptionBudget(object: KubeObject): FieldError[] {
  const spec = mapAt(object, 'spec');
  if (spec['minAvailable'] === undefined || spec['maxUnavailable'] === undefined) return [];
  return [invalidValue('spec', spec, 'minAvailable and maxUnavailable cannot be both set')];
}

function binding(isNamespaced: boolean): Validator {
  return (object) => [
    ...(['Role', 'ClusterRole'].includes(textAt(object, 'roleRef', 'kind'))
      ? []
      : [notSupported('roleRef.kind', textAt(object, 'roleRef', 'kind'), ['Role', 'ClusterRole'])]),
    ...(textAt(object, 'roleRef', 'name') === '' ? [required('roleRef.name')] : []),
    ...each(object['subjects'], 'subjects', (subject, path) => [
      ...needsText(subject, path, 'name'),
      ...(textAt(subject, 'kind') === 'ServiceAccount' && !isNamespaced ? needsText(subject, path, 'namespace') : []),
    ]),
  ];
}

function role(object: KubeObject): FieldError[] {
  return each(object['rules'], 'rules', (rule, path) => [
    ...needsItems(rule, path, 'verbs').map((error) => ({
      ...error,
      message: 'Required value: verbs must contain at least one value',
    })),
    ...(listAt(rule, 'nonResourceURLs').length === 0
      ? needsItems(rule, path, 'resources').map((error) => ({
          ...error,
          message: 'Required value: resource rules must supply at least one resource',
        }))
      : []),
  ]);
}

function customResourceDefinition(object: KubeObject): FieldError[] {
  const spec = mapAt(object, 'spec');
  const wanted = `${textAt(spec, 'names', 'plural')}.${textAt(spec, 'group')}`;
  const errors: FieldError[] = [];
  if (nameOf(object) !== wanted)
    errors.push(invalidValue('metadata.name', nameOf(object), 'must be spec.names.plural+"."+spec.group'));
  errors.push(
    ...needsText(spec, 'spec', 'group'),
    ...needsText(spec, 'spec', 'names', 'plural'),
    ...needsText(spec, 'spec', 'names', 'kind'),
  );
  if (!['Cluster', 'Namespaced'].includes(textAt(spec, 'scope'))) {
    errors.push(notSupported('spec.scope', textAt(spec, 'scope'), ['Cluster', 'Namespaced']));
  }
  const stored = listAt(spec, 'versions').filter((version) => fieldAt(version, 'storage') === true);
  if (stored.length !== 1) {
    errors.push(
      invalidValue(
        'spec.versions',
        [...listAt(spec, 'versions')],
        'must have exactly one version marked as storage version',
      ),
    );
  }
  errors.push(
    ...each(spec['versions'], 'spec.versions', (version, path) =>
      isJsonObject(fieldAt(version, 'schema', 'openAPIV3Schema')) ? [] : [required(`${path}.schema.openAPIV3Schema`)],
    ),
  );
  return errors;
}

export const otherValidators: Readonly<Record<string, Validator>> = {
  '/services': service,
  '/configmaps': keyed('data', 'binaryData'),
  '/secrets': keyed('data'),
  'networking.k8s.io/ingresses': ingress,
  'autoscaling/horizontalpodautoscalers': horizontalPodAutoscaler,
  'policy/poddisruptionbudgets': disruptionBudget,
  'rbac.authorization.k8s.io/roles': role,
  'rbac.authorization.k8s.io/clusterroles': role,
  'rbac.authorization.k8s.io/rolebindings': binding(true),
  'rbac.authorization.k8s.io/clusterrolebindings': binding(false),
  'storage.k8s.io/storageclasses': (object) => needsText(object, '', 'provisioner'),
  'apiextensions.k8s.io/customresourcedefinitions': customResourceDefinition,
};
