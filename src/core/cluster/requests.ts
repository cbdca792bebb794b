import type { KubeObject } from '../kube/objectKey.ts';
import type { FieldValidation } from './decode.ts';

/** How a write is meant, beside what it writes. */
export interface WriteRequest {
  /** Who owns what it writes; `unknown` where absent, except that an apply must have one (semantics K-1). */
  fieldManager?: string;
  /** All but storing. */
  dryRun?: boolean;
  /** Default `Warn`, as the API server's. */
  validation?: FieldValidation;
  /** `status`, or absent for the object itself. `scale` has functions of its own. */
  subresource?: string;
}

export interface PatchRequest extends WriteRequest {
  type: 'json' | 'merge' | 'strategic';
}

export interface ApplyRequest extends WriteRequest {
  force?: boolean;
}

export interface DeleteRequest {
  propagation?: 'Background' | 'Foreground' | 'Orphan';
  /** Deletes only this incarnation. */
  uid?: string;
  resourceVersion?: string;
  dryRun?: boolean;
}

export interface WriteResult {
  object: KubeObject;
  created: boolean;
  /** For `Warning` headers. */
  warnings: readonly string[];
}

export interface DeleteResult {
  /** As it was last, or as it is while finalizers hold it. */
  object: KubeObject;
  /** It is gone; false while finalizers hold it. */
  gone: boolean;
}

export interface ListRequest {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Most objects of one answer. */
  limit?: number;
  /** Where an earlier answer left off. */
  continue?: string;
}

export interface ListAnswer {
  objects: KubeObject[];
  resourceVersion: number;
  /** Set where there is more. */
  continue?: string;
  remaining?: number;
}
