import type { KubeObject, ObjectKey } from '../../core/kube/objectKey.ts';

/** An object of an engine's inventory, and what the cluster holds of it. */
export interface OwnedObject {
  key: ObjectKey;
  version: string;
  live: KubeObject | undefined;
}
