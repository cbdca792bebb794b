import { type Json, type JsonObject, isJsonObject } from '../json.ts';
import { type ScalarValue, literalLines, scalarText } from './scalarText.ts';

const firstOfObject = ['apiVersion', 'kind', 'metadata', 'type', 'immutable', 'data', 'stringData', 'spec'];
const lastOfObject = ['status'];
const firstOfMetadata = ['name', 'namespace'];
/** Longer keys need the explicit form, since YAML limits others to 1024 characters. */
const longestKey = 1000;

/**
 * Prints a value as YAML for people to read and compare: the well-known fields of an object first, all other keys sorted, lists as
 * kubectl prints them. Reading it back in profile `raw` gives the same value. Ends with a line break.
 */
export function printYaml(value: Json): string {
  const lines: string[] = [];
  if (isEmptyOrScalar(value)) printField('', value, 0, lines);
  else printBlock(value, 0, lines, '');
  return `${lines.join('\n')}\n`;
}

function printBlock(value: Json[] | JsonObject, indent: number, lines: string[], path: string): void {
  const margin = ' '.repeat(indent);
  if (Array.isArray(value)) {
    for (const item of value) printItem(item, indent, lines);
    return;
  }
  for (const key of orderedKeys(value, path)) {
    const name = scalarText(key);
    const held = value[key] ?? null;
    if (name.length <= longestKey) printField(`${margin}${name}:`, held, indent, lines, `${path}/${key}`);
    else {
      lines.push(`${margin}? ${name}`);
      printField(`${margin}:`, held, indent, lines, `${path}/${key}`);
    }
  }
}

function printField(head: string, value: Json, indent: number, lines: string[], path = '/'): void {
  const lead = head === '' ? '' : `${head} `;
  if (isEmptyOrScalar(value)) {
    printScalar(lead, value, indent + 2, lines);
    return;
  }
  lines.push(head);
  // Lists stand at the column of their key, as kubectl prints them.
  printBlock(value, Array.isArray(value) && !head.trimStart().startsWith(':') ? indent : indent + 2, lines, path);
}

function printItem(item: Json, indent: number, lines: string[]): void {
  const head = `${' '.repeat(indent)}-`;
  if (isEmptyOrScalar(item)) {
    printScalar(`${head} `, item, indent + 2, lines);
    return;
  }
  const start = lines.length;
  printBlock(item, indent + 2, lines, '/-');
  // The dash takes the place of the first line's indentation.
  lines[start] = `${head} ${(lines[start] ?? '').slice(indent + 2)}`;
}

function printScalar(lead: string, value: Json, indent: number, lines: string[]): void {
  if (Array.isArray(value)) lines.push(`${lead}[]`);
  else if (isJsonObject(value)) lines.push(`${lead}{}`);
  else {
    const block = typeof value === 'string' && lead !== '' ? literalLines(value) : undefined;
    if (block === undefined) lines.push(lead + scalarText(value));
    else {
      const [header = '', ...body] = block;
      lines.push(lead + header, ...body.map((line) => (line === '' ? '' : ' '.repeat(indent) + line)));
    }
  }
}

function isEmptyOrScalar(value: Json): value is ScalarValue | never[] | Record<string, never> {
  if (Array.isArray(value)) return value.length === 0;
  return !isJsonObject(value) || Object.keys(value).length === 0;
}

function orderedKeys(object: JsonObject, path: string): string[] {
  const keys = Object.keys(object).sort();
  const first = path === '' ? firstOfObject : path === '/metadata' ? firstOfMetadata : [];
  const last = path === '' ? lastOfObject : [];
  if (first.length === 0) return keys;
  const known = first.filter((key) => Object.hasOwn(object, key));
  const ending = last.filter((key) => Object.hasOwn(object, key));
  return [...known, ...keys.filter((key) => !known.includes(key) && !ending.includes(key)), ...ending];
}
