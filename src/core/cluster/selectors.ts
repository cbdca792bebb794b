import { type Json, field, isJsonObject, listAt, stringAt } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import { nameOf, namespaceOf } from '../kube/objectKey.ts';
import { badRequest } from './statusError.ts';

export type Labels = Readonly<Record<string, Json>>;

/** Whether labels meet a condition. */
export type LabelMatch = (labels: Labels) => boolean;

const requirement =
  /^\s*(?:(!)\s*([^\s!=<>(),]+)|([^\s!=<>(),]+)\s+(in|notin)\s*\(([^()]*)\)|([^\s!=<>(),]+)\s*(?:(==?|!=|>|<)\s*([^\s!=<>(),]*))?)\s*(?:,|$)/;

/** Reads a label selector as it stands in a URL: `app=web,tier in (a, b),!canary`. Throws StatusError where it is none. */
export function parseLabelSelector(text: string): LabelMatch {
  const matches: LabelMatch[] = [];
  let rest = text;
  while (rest.trim() !== '') {
    const found = requirement.exec(rest);
    if (found === null)
      throw badRequest(`unable to parse requirement: ${JSON.stringify(rest.trim())} is not a label selector`);
    rest = rest.slice(found[0].length);
    matches.push(matchOf(found));
  }
  return (labels) => matches.every((match) => match(labels));
}

function matchOf(found: RegExpExecArray): LabelMatch {
  const [, , absent, setKey, setOperator, setValues = '', key = '', operator, value = ''] = found;
  if (absent !== undefined) return (labels) => !Object.hasOwn(labels, absent);
  if (setKey !== undefined) {
    const values = new Set(setValues.split(',').map((one) => one.trim()));
    return setOperator === 'in'
      ? (labels) => isOneOf(labels, setKey, values)
      : (labels) => !isOneOf(labels, setKey, values);
  }
  switch (operator) {
    case undefined:
      return (labels) => Object.hasOwn(labels, key);
    case '!=':
      return (labels) => !isOneOf(labels, key, new Set([value]));
    case '>':
      return (labels) => Object.hasOwn(labels, key) && Number(labels[key]) > Number(value);
    case '<':
      return (labels) => Object.hasOwn(labels, key) && Number(labels[key]) < Number(value);
    default:
      return (labels) => isOneOf(labels, key, new Set([value]));
  }
}

function isOneOf(labels: Labels, key: string, values: ReadonlySet<Json>): boolean {
  return Object.hasOwn(labels, key) && values.has(labels[key] ?? null);
}

/** A LabelSelector object: `matchLabels` and `matchExpressions`. One that is absent selects nothing, an empty one all. */
export function labelSelectorMatch(selector: Json | undefined): LabelMatch {
  if (!isJsonObject(selector)) return () => false;
  const wanted = Object.entries(labelsIn(field(selector, 'matchLabels')));
  const expressions = listAt(selector, 'matchExpressions').map(expressionMatch);
  return (labels) =>
    wanted.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value) &&
    expressions.every((match) => match(labels));
}

function expressionMatch(expression: Json): LabelMatch {
  const key = stringAt(expression, 'key') ?? '';
  const values = new Set(listAt(expression, 'values'));
  switch (stringAt(expression, 'operator')) {
    case 'In':
      return (labels) => isOneOf(labels, key, values);
    case 'NotIn':
      return (labels) => !isOneOf(labels, key, values);
    case 'Exists':
      return (labels) => Object.hasOwn(labels, key);
    case 'DoesNotExist':
      return (labels) => !Object.hasOwn(labels, key);
    default:
      return () => false;
  }
}

/** A LabelSelector object as one line, the way `status.selector` of a Scale holds it. */
export function labelSelectorText(selector: Json | undefined): string {
  const labels = Object.entries(labelsIn(field(selector, 'matchLabels'))).map(
    ([key, value]) => `${key}=${textOf(value)}`,
  );
  const expressions = listAt(selector, 'matchExpressions').map((expression) => {
    const key = stringAt(expression, 'key') ?? '';
    const values = listAt(expression, 'values').map(String).sort().join(',');
    switch (stringAt(expression, 'operator')) {
      case 'In':
        return `${key} in (${values})`;
      case 'NotIn':
        return `${key} notin (${values})`;
      case 'Exists':
        return key;
      default:
        return `!${key}`;
    }
  });
  return [...labels, ...expressions].sort().join(',');
}

export function labelsOf(object: KubeObject): Labels {
  return labelsIn(field(object.metadata, 'labels'));
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : '';
}

export function labelsIn(value: Json | undefined): Labels {
  return isJsonObject(value) ? value : {};
}

const podFields: Readonly<Record<string, readonly string[]>> = {
  'spec.nodeName': ['spec', 'nodeName'],
  'spec.restartPolicy': ['spec', 'restartPolicy'],
  'spec.schedulerName': ['spec', 'schedulerName'],
  'spec.serviceAccountName': ['spec', 'serviceAccountName'],
  'status.phase': ['status', 'phase'],
  'status.podIP': ['status', 'podIP'],
};
const eventFields: Readonly<Record<string, readonly string[]>> = {
  'involvedObject.kind': ['involvedObject', 'kind'],
  'involvedObject.name': ['involvedObject', 'name'],
  'involvedObject.namespace': ['involvedObject', 'namespace'],
  'involvedObject.uid': ['involvedObject', 'uid'],
  reason: ['reason'],
  type: ['type'],
};
const fieldsOfKinds: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  Pod: podFields,
  Event: eventFields,
  Secret: { type: ['type'] },
  Namespace: { 'status.phase': ['status', 'phase'] },
  Job: { 'status.successful': ['status', 'succeeded'] },
};

/** Reads a field selector; names other than those that the kind knows are refused in the server's words. */
export function parseFieldSelector(text: string, kind: string): (object: KubeObject) => boolean {
  const tests = text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => fieldTest(part.trim(), kind));
  return (object) => tests.every((test) => test(object));
}

function fieldTest(part: string, kind: string): (object: KubeObject) => boolean {
  const found = /^(.*?)(==?|!=)(.*)$/.exec(part);
  if (found === null) throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`);
  const [, name = '', operator, value = ''] = found;
  const read = readerOf(name, kind);
  return (object) => (read(object) === value) === (operator !== '!=');
}

function readerOf(name: string, kind: string): (object: KubeObject) => string {
  if (name === 'metadata.name') return nameOf;
  if (name === 'metadata.namespace') return namespaceOf;
  const path = fieldsOfKinds[kind]?.[name];
  if (path !== undefined) return (object) => stringAt(object, ...path) ?? '';
  throw badRequest(`${JSON.stringify(name)} is not a known field selector: only "metadata.name", "metadata.namespace"`);
}
