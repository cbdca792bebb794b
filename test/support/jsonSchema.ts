import { readFileSync } from 'node:fs';

type Schema = Readonly<Record<string, unknown>>;

const folder = new URL('../../schemas/', import.meta.url);
const files = new Map<string, Schema>();

function schemaFile(name: string): Schema {
  let schema = files.get(name);
  if (schema === undefined) {
    schema = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Schema;
    files.set(name, schema);
  }
  return schema;
}

/**
 * What of a value is not as `schemas/KIND.json` says, by its own kind. Stricter than the standard in one thing: a member that the schema does
 * not name is a fault, so that nothing is printed that is not written down. A keyword that is not known here throws, so that no
 * rule is passed over.
 */
export function schemaFaults(report: unknown): string[] {
  const kind = (report as { kind?: unknown } | null)?.kind;
  if (typeof kind !== 'string') return ['the report has no kind'];
  // What `plumbline doctor` says is for people and support, and no contract.
  if (kind === 'Doctor') return [];
  return faultsOf(report, schemaFile(`${kind}.json`), `${kind}.json`, kind);
}

const notes = new Set(['$schema', '$id', '$defs', 'title', 'description']);

function faultsOf(value: unknown, schema: Schema, file: string, path: string): string[] {
  return Object.entries(schema).flatMap(([keyword, rule]): string[] => {
    if (notes.has(keyword)) return [];
    switch (keyword) {
      case '$ref': {
        const [name = '', pointer = ''] = String(rule).split('#');
        const target = name === '' ? file : name;
        return faultsOf(value, lookUp(schemaFile(target), pointer), target, path);
      }
      case 'type':
        return isOfType(value, String(rule)) ? [] : [`${path} is no ${String(rule)}`];
      case 'const':
        return value === rule ? [] : [`${path} is not ${JSON.stringify(rule)}`];
      case 'enum':
        return (rule as unknown[]).includes(value) ? [] : [`${path} is ${JSON.stringify(value)}, none of the list`];
      case 'minimum':
        return typeof value !== 'number' || value >= Number(rule) ? [] : [`${path} is below ${String(rule)}`];
      case 'format':
        if (rule !== 'date-time') throw new Error(`The format ${String(rule)} is not known.`);
        return isDateTime(value) ? [] : [`${path} is no date and time`];
      case 'required':
        return (rule as string[]).filter((name) => !has(value, name)).map((name) => `${path} has no ${name}`);
      case 'properties':
        return members(value).flatMap(([name, member]) => {
          const own = (rule as Record<string, Schema | undefined>)[name];
          if (own !== undefined) return faultsOf(member, own, file, `${path}.${name}`);
          return schema['additionalProperties'] === true ? [] : [`${path}.${name} is not in the schema`];
        });
      case 'additionalProperties':
        if (rule !== true) throw new Error('Other rules for members that are not named are not known.');
        return [];
      case 'items':
        return Array.isArray(value)
          ? value.flatMap((item, index) => faultsOf(item, rule as Schema, file, `${path}[${String(index)}]`))
          : [];
      case 'allOf':
        return (rule as Schema[]).flatMap((part) => faultsOf(value, part, file, path));
      case 'oneOf': {
        const tried = (rule as Schema[]).map((part) => faultsOf(value, part, file, path));
        const fitting = tried.filter((faults) => faults.length === 0).length;
        return fitting === 1 ? [] : [`${path} fits ${String(fitting)} of the shapes: ${tried.flat().join('; ')}`];
      }
      default:
        throw new Error(`The keyword ${keyword} at ${path} is not known.`);
    }
  });
}

function lookUp(schema: Schema, pointer: string): Schema {
  let found: unknown = schema;
  for (const part of pointer.split('/').filter((name) => name !== '')) found = (found as Record<string, unknown>)[part];
  if (typeof found !== 'object' || found === null) throw new Error(`${pointer} is not in the schema.`);
  return found as Schema;
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'string':
    case 'boolean':
      return typeof value === type;
    default:
      throw new Error(`The type ${type} is not known.`);
  }
}

function isDateTime(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value);
}

function members(value: unknown): [string, unknown][] {
  return isOfType(value, 'object') ? Object.entries(value as object) : [];
}

function has(value: unknown, name: string): boolean {
  return isOfType(value, 'object') && Object.hasOwn(value as object, name);
}
