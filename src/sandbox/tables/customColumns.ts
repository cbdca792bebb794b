import type { ServedKind } from '../../core/cluster/servedKind.ts';
import { type Json, field, isJsonObject, stringAt } from '../../core/json.ts';
import { ageOf } from './age.ts';
import { type Column, ageColumn, nameColumn } from './column.ts';

/** The columns that a CustomResourceDefinition asks for; name alone and age where it asks for none. */
export function customColumns(kind: ServedKind): readonly Column[] {
  const declared = kind.custom?.printerColumns ?? [];
  return [nameColumn, ...(declared.length === 0 ? [ageColumn] : declared.map(customColumn))];
}

function customColumn(declared: Json): Column {
  const steps = parsePath(stringAt(declared, 'jsonPath') ?? '');
  const type = stringAt(declared, 'type') ?? 'string';
  const priority = field(declared, 'priority');
  return {
    name: stringAt(declared, 'name') ?? '',
    type: columnTypes.find((one) => one === type) ?? 'string',
    format: stringAt(declared, 'format') ?? '',
    priority: typeof priority === 'number' ? priority : 0,
    value: (object, now) => {
      const [found] = steps.reduce<Json[]>((values, step) => values.flatMap(step), [object]);
      if (found === undefined || found === null) return null;
      if (type === 'date') return ageOf(found, now);
      return type === 'string' && typeof found !== 'string' ? JSON.stringify(found) : found;
    },
  };
}

const columnTypes = ['string', 'integer', 'boolean', 'date', 'number'] as const;

type Step = (value: Json) => Json[];

const stepPattern = /\.([^.[\]]+)|\['((?:[^'\\]|\\.)+)'\]|\[(\d+|\*)\]|\[\?\(@\.([\w.-]+)\s*==\s*["']([^"']*)["']\)\]/g;

/** The parts of JSONPath that printer columns use: fields, indexes, `[*]` and `[?(@.type=="Ready")]`. */
function parsePath(path: string): Step[] {
  const text = path.replace(/^\{(.*)\}$/, '$1').replaceAll('\\.', '\u0001');
  const steps: Step[] = [];
  const rooted = text.startsWith('.') || text.startsWith('[') ? text : `.${text}`;
  for (const found of rooted.matchAll(stepPattern)) {
    const [, name, quoted, index, filterPath, filterValue] = found;
    const key = (name ?? quoted)?.replaceAll('\u0001', '.');
    if (key !== undefined) steps.push((value) => own(value, key));
    else if (index === '*')
      steps.push((value) => (Array.isArray(value) ? value : isJsonObject(value) ? Object.values(value) : []));
    else if (index !== undefined)
      steps.push((value) => (Array.isArray(value) ? value.slice(Number(index), Number(index) + 1) : []));
    else if (filterPath !== undefined) {
      const keys = filterPath.split('.');
      steps.push((value) =>
        Array.isArray(value) ? value.filter((item) => stringAt(item, ...keys) === filterValue) : [],
      );
    }
  }
  return steps;
}

function own(value: Json, key: string): Json[] {
  const found = field(value, key);
  return found === undefined ? [] : [found];
}
