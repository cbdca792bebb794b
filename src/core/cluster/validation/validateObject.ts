import type { KubeObject } from '../../kube/objectKey.ts';
import type { FieldError } from '../fieldError.ts';
import type { ServedKind } from '../servedKind.ts';
import { validateCustom } from './customSchema.ts';
import { validateMetadata } from './metadata.ts';

/** What the API server refuses in an object by itself. */
export function validateNew(object: KubeObject, kind: ServedKind): FieldError[] {
  const errors = validateMetadata(object, kind);
  if (kind.custom !== undefined) errors.push(...validateCustom(object, kind.custom.openApi));
  return errors;
}

/** What it refuses in an object that takes the place of another. */
export function validateChange(object: KubeObject, _live: KubeObject, kind: ServedKind): FieldError[] {
  return validateNew(object, kind);
}
