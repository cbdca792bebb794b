import { type Json, type JsonObject, field, fieldAt, isJsonObject, stringAt } from '../../json.ts';
import type { KubeObject } from '../../kube/objectKey.ts';
import { isKubeObject } from '../../kube/objectKey.ts';
import { readYamlValues } from '../../manifest/readManifests.ts';
import { type BadExpression, envsubst, hasExpressions } from './envsubst.ts';

/**
 * The variables that a Kustomization spells out (`spec.postBuild.substitute`). Undefined where it substitutes nothing. Line breaks go, as
 * Flux takes them out.
 */
export function inlineVariables(kustomization: KubeObject): ReadonlyMap<string, string> | undefined {
  const written = fieldAt(kustomization, 'spec', 'postBuild', 'substitute');
  if (!isJsonObject(written)) return undefined;
  const variables = new Map<string, string>();
  for (const [name, value] of Object.entries(written)) {
    if (typeof value === 'string') variables.set(name, value.replaceAll('\n', ''));
  }
  // Without a single variable Flux does not look at the text at all, not even at defaults.
  return variables.size === 0 ? undefined : variables;
}

const optOut = 'kustomize.toolkit.fluxcd.io/substitute';

/**
 * Replaces variables in an object as Flux does after the build: in the object's YAML text, which is read again afterwards. So a text that
 * stands plain there becomes a number, a boolean, null or even a map where its value reads like one, and one that stands in quotes does not.
 */
export function substituteVariables(
  object: KubeObject,
  variables: ReadonlyMap<string, string>,
): KubeObject | BadExpression {
  const chosen = ['labels', 'annotations'].map((place) => stringAt(object, 'metadata', place, optOut));
  if (chosen.includes('disabled')) return object;
  const faults: BadExpression[] = [];
  const result = walk(object, variables, faults);
  const [fault] = faults;
  if (fault !== undefined) return fault;
  return isKubeObject(result) ? result : { fault: 'after the substitution it is no object any more' };
}

function walk(value: Json, variables: ReadonlyMap<string, string>, faults: BadExpression[]): Json {
  if (Array.isArray(value)) {
    return value.map((item) =>
      typeof item === 'string' ? scalar(item, '- ', variables, faults) : walk(item, variables, faults),
    );
  }
  if (!isJsonObject(value)) return value;
  const result: JsonObject = {};
  for (const [key, member] of Object.entries(value)) {
    const name = hasExpressions(key) ? keyText(key, variables, faults) : key;
    result[name] =
      typeof member === 'string' ? scalar(member, 'x: ', variables, faults) : walk(member, variables, faults);
  }
  return result;
}

/** `before` is what stands before it in the text: the place decides how it is read. */
function scalar(text: string, before: string, variables: ReadonlyMap<string, string>, faults: BadExpression[]): Json {
  if (!hasExpressions(text)) return text;
  const read = readBack(before + yamlText(text), variables);
  if ('value' in read) {
    const { value } = read;
    return (Array.isArray(value) ? value[0] : field(value, 'x')) ?? null;
  }
  faults.push(read);
  return null;
}

function keyText(key: string, variables: ReadonlyMap<string, string>, faults: BadExpression[]): string {
  const read = readBack(`${yamlText(key)}: 1`, variables);
  const names = 'value' in read ? Object.keys(read.value) : [];
  const [name] = names;
  if (name !== undefined && name !== '__proto__' && names.length === 1) return name;
  faults.push({ fault: `the key ${key} cannot be substituted` });
  return key;
}

function readBack(
  text: string,
  variables: ReadonlyMap<string, string>,
): { value: JsonObject | Json[] } | BadExpression {
  const replaced = envsubst(text, variables);
  if (typeof replaced !== 'string') return replaced;
  const { values, problems } = readYamlValues(replaced, { profile: 'raw' });
  const [value] = values;
  const isRead = problems.length === 0 && values.length === 1;
  if (isRead && (isJsonObject(value) || Array.isArray(value))) return { value };
  return { fault: 'with the values of its variables it is no YAML any more' };
}

/** A dash, a question mark or a colon begins plain text where something follows it. */
const plainStart = /^(?:[-?:]\S|[^-?:#,[\]{}&*!|>'"%@`\s])/;

/** As Go's YAML writes a text that is a string: plain where that can be read again, as a block where it has lines, else in quotes. */
function yamlText(text: string): string {
  if (text.includes('\n')) return blockText(text);
  const isPlain =
    plainStart.test(text) &&
    !/: |:$| #|\s$|^---|^\.\.\./.test(text) &&
    /^[\t\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]*$/.test(text);
  if (isPlain && !text.includes('\t')) return text;
  if (/^[\x20-\x7e\u00a0-\ud7ff]*$/.test(text)) return `'${text.replaceAll("'", "''")}'`;
  return JSON.stringify(text);
}

/** A block keeps its lines and only them; one with spaces at its ends, or other characters, stands in quotes. */
function blockText(text: string): string {
  if (/[^\n\x20-\x7e\u00a0-\ud7ff]|\s $| \n/.test(text) || /^\s/.test(text)) return JSON.stringify(text);
  const chomp = text.endsWith('\n\n') ? '+' : text.endsWith('\n') ? '' : '-';
  return `|${chomp}\n${text
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n')}`;
}
