import { lastAppliedOf } from '../apply/lastApplied.ts';
import { type KubeObject, isKubeObject } from '../kube/objectKey.ts';
import type { ChangeBasis } from '../report.ts';
import type { Applier } from './detectApplier.ts';
import { isApplyOf } from './isApplier.ts';
import type { Owners } from './ownership.ts';

/** What is known of the value that the engine last applied (design §2.1). */
export type AppliedState =
  | {
      basis: 'revision' | 'release' | 'last-applied';
      /** Undefined: the object was not part of it. */
      object: KubeObject | undefined;
      /** The same of the revision that was last attempted. */
      alternative: KubeObject | undefined;
    }
  | {
      basis: 'managed-fields';
      /** Newest change of the applier's Apply entries; undefined where the server kept no time. */
      time: string | undefined;
    }
  | { basis: 'none' };

export interface GivenApplied {
  basis: 'revision' | 'release';
  object?: KubeObject;
  /** Render of `lastAttemptedRevision`. */
  alternative?: KubeObject;
}

/** The first of (a) revision or release, (b) last-applied of a client-side applier, (d) the applier's Apply entry (design §2.1). */
export function findApplied(
  live: KubeObject,
  given: GivenApplied | undefined,
  applier: Applier,
  owners: Owners,
): AppliedState {
  if (given !== undefined) return { basis: given.basis, object: given.object, alternative: given.alternative };
  if (applier.kind === 'client-side') {
    const object = lastAppliedOf(live);
    if (isKubeObject(object)) return { basis: 'last-applied', object, alternative: undefined };
  }
  const own = owners.filter((owner) => isApplyOf(applier, owner.manager));
  if (own.length === 0) return { basis: 'none' };
  const times = own.map((owner) => owner.manager.time).filter((time) => time !== undefined);
  return { basis: 'managed-fields', time: times.sort().at(-1) };
}

export function changeBasis(applied: AppliedState): ChangeBasis {
  return applied.basis === 'none' ? 'managed-fields' : applied.basis;
}
