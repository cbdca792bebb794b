import { equalJson } from '../../core/json.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import type { Prediction } from '../../core/reconcile/prediction.ts';
import type { PredictionMemory } from '../preview/previewApplication.ts';
import { isSameToPlans } from './liveVersions.ts';

interface Known {
  config: KubeObject;
  live: KubeObject | undefined;
  prediction: Prediction;
}

/** As many versions of one object as a chain of commits is likely to hold in turn. */
const versionsKept = 4;

/**
 * What the API server said of objects, as long as what is sent and what is live stay the same: after one live change one object is asked
 * about again, not all of them. Refusals are asked about again each time, because what stands in the way may be elsewhere.
 */
export class Predictions implements PredictionMemory {
  readonly #known = new Map<string, Known[]>();

  clear(): void {
    this.#known.clear();
  }

  find(key: string, config: KubeObject, live: KubeObject | undefined): Prediction | undefined {
    const found = this.#known
      .get(key)
      ?.find((item) => isSameToPlans(item.live, live) && equalJson(item.config, config));
    return found?.prediction;
  }

  keep(key: string, config: KubeObject, live: KubeObject | undefined, prediction: Prediction): void {
    if (prediction.outcome !== 'object') return;
    const before = this.#known.get(key) ?? [];
    this.#known.set(key, [{ config, live, prediction }, ...before].slice(0, versionsKept));
  }
}
