import { Masks, maskObject } from '../../core/drift/mask.ts';
import { normaliseMetadata } from '../../core/drift/normaliseMetadata.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';

/**
 * Both sides of a planned change as a person may see them: without status and what the API server stamps, and masked together, so that
 * equal secrets look equal and different ones different.
 */
export function plannedSides(planned: { before?: KubeObject; after?: KubeObject }): {
  before?: KubeObject;
  after?: KubeObject;
} {
  const masks = new Masks();
  const shown = (object: KubeObject): KubeObject => maskObject(normaliseMetadata(object), masks);
  return {
    ...(planned.before === undefined ? {} : { before: shown(planned.before) }),
    ...(planned.after === undefined ? {} : { after: shown(planned.after) }),
  };
}
