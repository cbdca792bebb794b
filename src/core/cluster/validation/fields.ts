import { type Json, type JsonObject, fieldAt, isJsonObject, listAt, stringAt } from '../../json.ts';
import { type FieldError, invalidValue, required } from '../fieldError.ts';

/** Small checks that many kinds share. */

export function textAt(value: Json | undefined, ...path: readonly string[]): string {
  return stringAt(value, ...path) ?? '';
}

export function mapAt(value: Json | undefined, ...path: readonly string[]): JsonObject {
  const found = fieldAt(value, ...path);
  return isJsonObject(found) ? found : {};
}

/** A text that must be there. */
export function needsText(value: Json | undefined, path: string, ...keys: readonly string[]): FieldError[] {
  return textAt(value, ...keys) === '' ? [required([path, ...keys].filter((part) => part !== '').join('.'))] : [];
}

/** A list that must have something in it. */
export function needsItems(value: Json | undefined, path: string, ...keys: readonly string[]): FieldError[] {
  return listAt(value, ...keys).length === 0 ? [required([path, ...keys].filter((part) => part !== '').join('.'))] : [];
}

export function notNegative(value: Json | undefined, path: string): FieldError[] {
  return typeof value === 'number' && value < 0
    ? [invalidValue(path, value, 'must be greater than or equal to 0')]
    : [];
}

export function portNumber(value: Json | undefined, path: string): FieldError[] {
  const isPort = typeof value === 'number' && value >= 1 && value <= 65_535;
  return isPort ? [] : [invalidValue(path, value ?? 0, 'must be between 1 and 65535, inclusive')];
}

/** Each item with its path. */
export function each(
  value: Json | undefined,
  path: string,
  check: (item: Json, path: string, index: number) => FieldError[],
): FieldError[] {
  return (Array.isArray(value) ? value : []).flatMap((item, index) => check(item, `${path}[${index}]`, index));
}
