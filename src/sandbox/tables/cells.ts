import { type Json, fieldAt, isJsonObject, listAt, stringAt } from '../../core/json.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import { labelSelectorText } from '../../core/cluster/selectors.ts';

/** What several kinds show in the same way. */

export const none = '<none>';

export function numberAt(object: Json, ...path: readonly string[]): number {
  const value = fieldAt(object, ...path);
  return typeof value === 'number' ? value : 0;
}

export function textAt(object: Json, ...path: readonly string[]): string {
  return stringAt(object, ...path) ?? '';
}

export function orNone(text: string): string {
  return text === '' ? none : text;
}

export function countAt(object: Json, ...path: readonly string[]): number {
  const value = fieldAt(object, ...path);
  if (Array.isArray(value)) return value.length;
  return isJsonObject(value) ? Object.keys(value).length : 0;
}

function containers(object: KubeObject, path: readonly string[]): readonly Json[] {
  return listAt(object, ...path, 'containers');
}

/** `a,b`: the names of the containers of a Pod template. */
export function containerNames(object: KubeObject, ...path: readonly string[]): string {
  return containers(object, path)
    .map((container) => textAt(container, 'name'))
    .join(',');
}

export function containerImages(object: KubeObject, ...path: readonly string[]): string {
  return containers(object, path)
    .map((container) => textAt(container, 'image'))
    .join(',');
}

export function selectorAt(object: KubeObject, ...path: readonly string[]): string {
  const selector = fieldAt(object, ...path);
  return orNone(labelSelectorText(selector));
}

/** Labels as a table shows them: `a=b,c=d`. */
export function mapText(value: Json | undefined): string {
  if (!isJsonObject(value)) return none;
  return orNone(
    Object.entries(value)
      .map(([key, item]) => `${key}=${typeof item === 'string' ? item : ''}`)
      .sort()
      .join(','),
  );
}

export function texts(items: readonly Json[]): string[] {
  return items.filter((item) => typeof item === 'string');
}
