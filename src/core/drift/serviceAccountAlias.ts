import { type Json, fieldAt, isJsonObject } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import { podSpecPath, rewritePodSpec } from './podSpecs.ts';

const name = 'serviceAccountName';
const alias = 'serviceAccount';

/**
 * The API server keeps the older name of the service account in step with the newer one, which wins where they differ. So the two are one
 * field: of an object that has both the newer stays (design §3.2).
 */
export function normaliseServiceAccount(object: KubeObject): KubeObject {
  return rewritePodSpec(object, (spec) => {
    if (!isJsonObject(spec) || !isSet(spec[name]) || spec[alias] === undefined) return spec;
    const { [alias]: _alias, ...rest } = spec;
    return rest;
  });
}

/** Whether a manifest names the service account by its older name alone. */
export function usesAlias(object: KubeObject): boolean {
  const path = podSpecPath(object);
  if (path === undefined) return false;
  return isSet(fieldAt(object, ...path, alias)) && !isSet(fieldAt(object, ...path, name));
}

/** The object with the older name in place of the newer one: for comparing with a manifest that uses it. */
export function withAlias(object: KubeObject): KubeObject {
  return rewritePodSpec(object, (spec) => {
    if (!isJsonObject(spec) || !isSet(spec[name])) return spec;
    const { [name]: account, ...rest } = spec;
    return { ...rest, [alias]: account ?? null };
  });
}

function isSet(value: Json | undefined): boolean {
  return typeof value === 'string' && value !== '';
}
