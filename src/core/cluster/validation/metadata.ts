import { type Json, field, isJsonObject, listAt } from '../../json.ts';
import { type KubeObject, nameOf } from '../../kube/objectKey.ts';
import { type FieldError, forbiddenField, invalidValue, required, tooLong } from '../fieldError.ts';
import type { ServedKind } from '../servedKind.ts';
import { storageKeyOf } from '../servedKind.ts';
import { finalizersOf, isDeleting } from '../metadata.ts';

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain = `${label}(\\.${label})*`;
const qualifiedName = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

export const subdomainMessage =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an " +
  `alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomain}')`;
export const labelMessage =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
  `alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`;
const label1035Message =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an " +
  "alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

export function isSubdomain(text: string): boolean {
  return text.length <= 253 && new RegExp(`^${subdomain}$`).test(text);
}

export function isLabel(text: string): boolean {
  return text.length <= 63 && new RegExp(`^${label}$`).test(text);
}

const labelKinds = new Set(['/namespaces']);
const pathKinds = new Set([
  'rbac.authorization.k8s.io/roles',
  'rbac.authorization.k8s.io/clusterroles',
  'rbac.authorization.k8s.io/rolebindings',
  'rbac.authorization.k8s.io/clusterrolebindings',
]);

function nameProblem(name: string, kind: ServedKind): string | undefined {
  const key = storageKeyOf(kind);
  if (pathKinds.has(key)) return /^\.{1,2}$|[/%]/.test(name) ? "may not contain '/' or '%'" : undefined;
  if (key === '/services')
    return name.length <= 63 && /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name) ? undefined : label1035Message;
  if (labelKinds.has(key)) {
    if (name.includes('.')) return 'must not contain dots';
    return isLabel(name) ? undefined : labelMessage;
  }
  return isSubdomain(name) ? undefined : subdomainMessage;
}

/** All annotations of an object together may have this many bytes (semantics T-5). */
const mostAnnotationBytes = 262_144;

export function validateMetadata(object: KubeObject, kind: ServedKind): FieldError[] {
  const errors: FieldError[] = [];
  const name = nameOf(object);
  if (name === '') errors.push(required('metadata.name', 'name or generateName is required'));
  else {
    const problem = nameProblem(name, kind);
    if (problem !== undefined) errors.push(invalidValue('metadata.name', name, problem));
  }
  if (!kind.namespaced && object.metadata['namespace'] !== undefined) {
    errors.push(forbiddenField('metadata.namespace', 'not allowed on this type'));
  }
  errors.push(...validateLabels(object.metadata['labels'], 'metadata.labels'));
  errors.push(...validateAnnotations(object.metadata['annotations'], 'metadata.annotations'));
  for (const [index, owner] of listAt(object, 'metadata', 'ownerReferences').entries()) {
    for (const part of ['apiVersion', 'kind', 'name', 'uid']) {
      const value = field(owner, part);
      if (value === undefined || value === '')
        errors.push(
          invalidValue(
            `metadata.ownerReferences[${index}].${part}`,
            '',
            `${part === 'apiVersion' ? 'version' : part} must not be empty`,
          ),
        );
    }
  }
  return errors;
}

export function validateLabels(labels: Json | undefined, path: string): FieldError[] {
  return Object.entries(isJsonObject(labels) ? labels : {}).flatMap(([key, value]) => [
    ...validateKey(key, path),
    ...validateLabelValue(value, path),
  ]);
}

function validateLabelValue(value: Json, path: string): FieldError[] {
  if (typeof value !== 'string') return [];
  if (value.length > 63) return [invalidValue(path, value, 'must be no more than 63 bytes')];
  if (value === '' || new RegExp(`^${qualifiedName}$`).test(value)) return [];
  const text =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
    `alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(${qualifiedName})?')`;
  return [invalidValue(path, value, text)];
}

function validateKey(key: string, path: string): FieldError[] {
  const slash = key.indexOf('/');
  const [prefix, name] = slash === -1 ? [undefined, key] : [key.slice(0, slash), key.slice(slash + 1)];
  if (prefix !== undefined && !isSubdomain(prefix)) return [invalidValue(path, key, `prefix part ${subdomainMessage}`)];
  if (name.length <= 63 && new RegExp(`^${qualifiedName}$`).test(name)) return [];
  const why =
    name === ''
      ? 'name part must be non-empty'
      : name.length > 63
        ? 'name part must be no more than 63 bytes'
        : qualifiedMessage;
  return [invalidValue(path, key, why)];
}

const qualifiedMessage =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
  `(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${qualifiedName}')`;

function validateAnnotations(annotations: Json | undefined, path: string): FieldError[] {
  const entries = Object.entries(isJsonObject(annotations) ? annotations : {});
  const errors = entries.flatMap(([key]) => validateKey(key.toLowerCase(), path));
  const bytes = entries.reduce(
    (sum, [key, value]) => sum + byteLength(key) + byteLength(typeof value === 'string' ? value : ''),
    0,
  );
  if (bytes > mostAnnotationBytes) errors.push(tooLong(path, mostAnnotationBytes));
  return errors;
}

/** Of the text in UTF-8. */
function byteLength(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** Metadata that no update may change, and finalizers of an object that is being deleted. */
export function validateMetadataChange(object: KubeObject, live: KubeObject): FieldError[] {
  if (!isDeleting(live)) return [];
  const before = new Set(finalizersOf(live));
  const added = finalizersOf(object).filter((finalizer) => !before.has(finalizer));
  if (added.length === 0) return [];
  const found = `[]string{${added.map((one) => JSON.stringify(one)).join(', ')}}`;
  return [
    forbiddenField(
      'metadata.finalizers',
      `no new finalizers can be added if the object is being deleted, found new finalizers ${found}`,
    ),
  ];
}
