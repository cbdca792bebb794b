import { fieldAt, stringAt } from '../../json.ts';
import { type KubeObject, groupVersionKindOf, nameOf, namespaceOf } from '../../kube/objectKey.ts';
import { type Condition, conditionOf } from '../conditions.ts';
import { type FluxRevision, readFluxRevision } from './revision.ts';

/** What Plumbline needs of a Flux GitRepository (source.toolkit.fluxcd.io). */
export interface FluxGitRepository {
  namespace: string;
  name: string;
  url: string;
  /** What it follows; a commit wins over a name, that over a tag, that over a branch. */
  ref: { branch?: string; tag?: string; semver?: string; name?: string; commit?: string };
  suspended: boolean;
  interval: string;
  ready?: Condition;
  /** What it fetched last. */
  fetched?: FluxRevision;
  fetchedAt?: string;
  lastHandledReconcileAt?: string;
}

export const fluxSourceGroup = 'source.toolkit.fluxcd.io';

export function isFluxGitRepository(object: KubeObject): boolean {
  return groupVersionKindOf(object).group === fluxSourceGroup && object.kind === 'GitRepository';
}

export function readFluxGitRepository(object: KubeObject): FluxGitRepository {
  const ref: FluxGitRepository['ref'] = {};
  for (const field of ['branch', 'tag', 'semver', 'name', 'commit'] as const) {
    const value = stringAt(object, 'spec', 'ref', field);
    if (value !== undefined) ref[field] = value;
  }
  const ready = conditionOf(object, 'Ready');
  const fetched = readFluxRevision(stringAt(object, 'status', 'artifact', 'revision'));
  const fetchedAt = stringAt(object, 'status', 'artifact', 'lastUpdateTime');
  const handled = stringAt(object, 'status', 'lastHandledReconcileAt');
  return {
    namespace: namespaceOf(object),
    name: nameOf(object),
    url: stringAt(object, 'spec', 'url') ?? '',
    // Without a ref, Flux follows the branch `master`.
    ref: Object.keys(ref).length === 0 ? { branch: 'master' } : ref,
    suspended: fieldAt(object, 'spec', 'suspend') === true,
    interval: stringAt(object, 'spec', 'interval') ?? '',
    ...(ready === undefined ? {} : { ready }),
    ...(fetched === undefined ? {} : { fetched }),
    ...(fetchedAt === undefined ? {} : { fetchedAt }),
    ...(handled === undefined ? {} : { lastHandledReconcileAt: handled }),
  };
}
