import type { KubeObject } from '../../kube/objectKey.ts';
import type { FieldError } from '../fieldError.ts';
import { type ServedKind, storageKeyOf } from '../servedKind.ts';
import { validateCustom } from './customSchema.ts';
import { validateImmutable } from './immutable.ts';
import { validateMetadata, validateMetadataChange } from './metadata.ts';
import { otherValidators } from './others.ts';
import { workloadValidators } from './workloads.ts';

/** What the API server refuses in an object by itself. */
export function validateNew(object: KubeObject, kind: ServedKind): FieldError[] {
  const key = storageKeyOf(kind);
  const metadata = validateMetadata(object, kind);
  if (kind.custom !== undefined) return [...metadata, ...validateCustom(object, kind.custom.openApi)];
  return [...metadata, ...(workloadValidators[key]?.(object) ?? []), ...(otherValidators[key]?.(object) ?? [])];
}

/** What it refuses in an object that takes the place of another. Through `status` nothing but status can change. */
export function validateChange(
  object: KubeObject,
  live: KubeObject,
  kind: ServedKind,
  subresource?: string,
): FieldError[] {
  if (subresource === 'status') return kind.custom === undefined ? [] : validateCustom(object, kind.custom.openApi);
  const metadata = validateMetadataChange(object, live);
  const immutable = kind.custom === undefined ? validateImmutable(object, live, storageKeyOf(kind)) : [];
  return [...metadata, ...validateNew(object, kind), ...immutable];
}
