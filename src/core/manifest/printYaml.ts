import type { Json, JsonObject } from '../json.ts';
import { blockLines, inlineText, isEmptyOrScalar } from './renderValue.ts';

const firstOfObject = ['apiVersion', 'kind', 'metadata', 'type', 'immutable', 'data', 'stringData', 'spec'];
const lastOfObject = ['status'];
const firstOfMetadata = ['name', 'namespace'];

/**
 * Prints a value as YAML for people to read and compare: the well-known fields of an object first, all other keys sorted, lists as
 * kubectl prints them. Reading it back in profile `raw` gives the same value. Ends with a line break.
 */
export function printYaml(value: Json): string {
  if (isEmptyOrScalar(value)) return `${inlineText(value)}\n`;
  return `${blockLines(value, 0, { step: 2, listIndent: 0, keepBreaks: true, order: orderedKeys }).join('\n')}\n`;
}

function orderedKeys(object: JsonObject, path: string): string[] {
  const keys = Object.keys(object).sort();
  const first = path === '' ? firstOfObject : path === '/metadata' ? firstOfMetadata : [];
  if (first.length === 0) return keys;
  const known = first.filter((key) => Object.hasOwn(object, key));
  const ending = path === '' ? lastOfObject.filter((key) => Object.hasOwn(object, key)) : [];
  return [...known, ...keys.filter((key) => !known.includes(key) && !ending.includes(key)), ...ending];
}
