import { matchesGlob } from '../delivery/argocd/glob.ts';
import { fieldAt, isJsonObject } from '../json.ts';
import { type KubeObject, groupVersionKindOf, nameOf, namespaceOf } from '../kube/objectKey.ts';
import type { IgnoreRule, IgnoreTarget } from './ignoreRule.ts';
import { matchesSelector } from './labelSelector.ts';

/** Whether a rule is meant for an object. A target that cannot be read matches nothing. */
export function isTargeted(rule: IgnoreRule, object: KubeObject): boolean {
  const { target, matching } = rule;
  const { group, version, kind } = groupVersionKindOf(object);
  if (target.coreGroup === true && group !== '') return false;
  const values: Record<keyof Omit<IgnoreTarget, 'labelSelector' | 'annotationSelector' | 'coreGroup'>, string> = {
    group,
    version,
    kind,
    namespace: namespaceOf(object),
    name: nameOf(object),
  };
  for (const member of Object.keys(values) as (keyof typeof values)[]) {
    const wanted = target[member];
    if (wanted === undefined || wanted === '') continue;
    const isExact = matching === 'argocd' && (member === 'namespace' || member === 'name');
    const value = values[member];
    if (isExact ? wanted !== value : !matchesText(wanted, value, matching)) return false;
  }
  return selects(target.labelSelector, object, 'labels') && selects(target.annotationSelector, object, 'annotations');
}

function matchesText(pattern: string, value: string, matching: IgnoreRule['matching']): boolean {
  if (matching === 'argocd') return matchesGlob(pattern, value);
  if (matching === 'glob') return globPattern(pattern).test(value);
  try {
    return new RegExp(`^(?:${pattern})$`).test(value);
  } catch {
    return false;
  }
}

/** `*` stands for any text, `?` for one character. */
function globPattern(glob: string): RegExp {
  const source = glob
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}

function selects(selector: string | undefined, object: KubeObject, map: 'labels' | 'annotations'): boolean {
  if (selector === undefined || selector === '') return true;
  const values = fieldAt(object, 'metadata', map);
  const texts: Record<string, string> = {};
  if (isJsonObject(values)) {
    for (const key of Object.keys(values)) {
      const value = values[key];
      if (typeof value === 'string' && key !== '__proto__') texts[key] = value;
    }
  }
  return matchesSelector(selector, texts) ?? false;
}
