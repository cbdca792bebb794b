import type { Application } from '../../core/delivery/application.ts';
import type { ObjectKey } from '../../core/kube/objectKey.ts';
import type { ApiResource } from '../../ports/cluster.ts';
import type { RenderedObject } from '../../ports/renderer.ts';

/** A desired object with the identity that it has in the destination's cluster. */
export interface Target {
  application: Application;
  rendered: RenderedObject;
  key: ObjectKey;
  /** How the cluster serves it; undefined where its kind comes with the same change (semantics I-4). */
  resource: ApiResource | undefined;
}
