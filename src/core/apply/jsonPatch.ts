import { type Json, type JsonObject, equalJson, field, isJsonObject, stringAt } from '../json.ts';
import { PatchRefusal, type PatchResult, settle } from './patchResult.ts';

/** Applies a JSON Patch (RFC 6902). The document is not changed; a patch of which one operation fails changes nothing. */
export function applyJsonPatch(document: Json, patch: Json): PatchResult {
  return settle(() => {
    if (!Array.isArray(patch)) throw new PatchRefusal('a JSON patch is a list of operations');
    return patch.reduce(operate, document);
  });
}

function operate(document: Json, operation: Json): Json {
  const op = stringAt(operation, 'op') ?? '';
  const path = pointer(operation, 'path');
  switch (op) {
    case 'add':
      return add(document, path, valueOf(operation));
    case 'remove':
      return remove(document, path);
    case 'replace':
      return replace(document, path, valueOf(operation));
    case 'move': {
      const from = pointer(operation, 'from');
      const moved = read(document, from);
      if (isPrefix(from, path) && from.length < path.length) {
        throw new PatchRefusal(`${show(from)} cannot be moved into itself`);
      }
      return add(remove(document, from), path, moved);
    }
    case 'copy':
      return add(document, path, read(document, pointer(operation, 'from')));
    case 'test':
      if (!equalJson(read(document, path), valueOf(operation))) {
        throw new PatchRefusal(`testing value ${show(path)} failed`);
      }
      return document;
    default:
      throw new PatchRefusal(`unknown operation ${JSON.stringify(op)}`);
  }
}

function valueOf(operation: Json): Json {
  const value = field(operation, 'value');
  if (value === undefined) throw new PatchRefusal('the operation has no value');
  return value;
}

/** The steps of a JSON pointer (RFC 6901). */
function pointer(operation: Json, name: string): string[] {
  const text = stringAt(operation, name);
  if (text === undefined) throw new PatchRefusal(`the operation has no ${name}`);
  if (text === '') return [];
  if (!text.startsWith('/')) throw new PatchRefusal(`${JSON.stringify(text)} is not a JSON pointer`);
  const steps = text
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (steps.includes('__proto__')) throw new PatchRefusal('the key __proto__ is not allowed');
  return steps;
}

function read(document: Json, path: readonly string[]): Json {
  let found: Json | undefined = document;
  for (const step of path) {
    found = Array.isArray(found) ? found[indexIn(found, step, path)] : field(found, step);
    if (found === undefined) throw missing(path);
  }
  return found;
}

function add(document: Json, path: readonly string[], value: Json): Json {
  return change(document, path, {
    key: (object, key) => ({ ...object, [key]: value }),
    item: (list, step) => {
      const index = step === '-' ? list.length : indexIn(list, step, path, list.length);
      return list.toSpliced(index, 0, value);
    },
    whole: () => value,
  });
}

function remove(document: Json, path: readonly string[]): Json {
  return change(document, path, {
    key: (object, key) => {
      if (!Object.hasOwn(object, key)) throw missing(path);
      const { [key]: _, ...rest } = object;
      return rest;
    },
    item: (list, step) => list.toSpliced(indexIn(list, step, path), 1),
    whole: () => null,
  });
}

function replace(document: Json, path: readonly string[], value: Json): Json {
  return change(document, path, {
    key: (object, key) => {
      if (!Object.hasOwn(object, key)) throw missing(path);
      return { ...object, [key]: value };
    },
    item: (list, step) => list.with(indexIn(list, step, path), value),
    whole: () => value,
  });
}

interface Change {
  key(object: JsonObject, key: string): Json;
  item(list: readonly Json[], step: string): Json;
  whole(): Json;
}

/** The document with the change made at the end of the path; what does not lie on the path is shared. */
function change(document: Json, path: readonly string[], how: Change, depth = 0): Json {
  const step = path[depth];
  if (step === undefined) return how.whole();
  const isLast = depth === path.length - 1;
  if (Array.isArray(document)) {
    if (isLast) return how.item(document, step);
    const index = indexIn(document, step, path);
    return document.with(index, change(document[index] as Json, path, how, depth + 1));
  }
  if (!isJsonObject(document)) throw missing(path);
  if (isLast) return how.key(document, step);
  const below = field(document, step);
  if (below === undefined) throw missing(path);
  return { ...document, [step]: change(below, path, how, depth + 1) };
}

function indexIn(list: readonly Json[], step: string, path: readonly string[], last = list.length - 1): number {
  const index = /^(?:0|[1-9]\d*)$/.test(step) ? Number(step) : -1;
  if (index < 0 || index > last) throw missing(path);
  return index;
}

function missing(path: readonly string[]): PatchRefusal {
  return new PatchRefusal(`the document has nothing at ${show(path)}`);
}

function isPrefix(prefix: readonly string[], path: readonly string[]): boolean {
  return prefix.every((step, index) => step === path[index]);
}

function show(path: readonly string[]): string {
  return JSON.stringify(path.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''));
}
