import { type Json, cloneJson, isJsonObject } from '../../src/core/json.ts';
import type { KubeObject } from '../../src/core/kube/objectKey.ts';
import type { Random } from './random.ts';

type Path = (string | number)[];

/** A copy without one leaf, chosen at random among those that do not identify the object; the same object where there is none. */
export function withoutLeaf(object: KubeObject, random: Random): KubeObject {
  return edited(object, random, (parent, key) => {
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else if (isJsonObject(parent)) delete parent[key];
  });
}

/** A copy with another value at one leaf, of the same type. */
export function changedLeaf(object: KubeObject, random: Random): KubeObject {
  return edited(object, random, (parent, key) => {
    const slot = parent as Record<string | number, Json>;
    slot[key] = other(slot[key] ?? null);
  });
}

function edited(object: KubeObject, random: Random, edit: (parent: Json, key: string | number) => void): KubeObject {
  const paths = [...leaves(object, [])].filter(isEditable);
  if (paths.length === 0) return object;
  const copy = cloneJson(object);
  const path = random.pick(paths);
  const key = path.at(-1) ?? '';
  const parent = path
    .slice(0, -1)
    .reduce<Json>((value, step) => (value as Record<string | number, Json>)[step] ?? null, copy);
  edit(parent, key);
  return copy;
}

function isEditable([first, second]: Path): boolean {
  return (
    first !== 'apiVersion' &&
    first !== 'kind' &&
    !(first === 'metadata' && (second === 'name' || second === 'namespace'))
  );
}

function* leaves(value: Json, path: Path): Iterable<Path> {
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* leaves(item, [...path, index]);
  else if (isJsonObject(value)) for (const key of Object.keys(value)) yield* leaves(value[key] ?? null, [...path, key]);
  else yield path;
}

function other(value: Json): Json {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  return typeof value === 'string' ? `${value}1` : value;
}
