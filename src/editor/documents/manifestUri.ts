import { type ObjectRef, parseRef } from '../sessions/objectRef.ts';

/**
 * Which side of an object a document shows. `live-compared` is without what no one declares; `git` is what live would be by Git; `before`
 * and `after` are what the plan of a revision starts from and leads to.
 */
export type ManifestSide = 'live' | 'live-compared' | 'git' | 'before' | 'after';

const sides: readonly ManifestSide[] = ['live', 'live-compared', 'git', 'before', 'after'];

/** The plan that `before` and `after` belong to. */
export interface PlannedRevision {
  /** Full commit id, or `worktree`. */
  revision: string;
}

/** The parts of a virtual document's address. The path is for people; language and title come from it. */
export interface ManifestAddress {
  path: string;
  query: string;
}

export function addressOf(side: ManifestSide, ref: ObjectRef, planned?: PlannedRevision): ManifestAddress {
  const { path: _field, ...object } = ref;
  const { kind, namespace, name } = ref.key;
  const place = [ref.context, namespace === '' ? 'cluster' : namespace].map(segment).join('/');
  const label = side === 'git' ? 'Git' : 'live';
  // Both sides of a plan are of one name: of two names VS Code would take the one for the other's new name.
  const title = planned === undefined ? `${kind} ${name} (${label})` : `${kind} ${name}`;
  return {
    // package.json gives this folder's documents their language, so that linters for YAML leave them alone.
    path: `/plumbline-manifest/${place}/${segment(title)}`,
    query: JSON.stringify({ side, ...object, ...(planned === undefined ? {} : { revision: planned.revision }) }),
  };
}

/** Undefined where the address is not one of ours. */
export function parseAddress(query: string): { side: ManifestSide; ref: ObjectRef; revision?: string } | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(query);
  } catch {
    return undefined;
  }
  const ref = parseRef(parsed);
  if (ref === undefined) return undefined;
  const { side, revision } = parsed as { side?: unknown; revision?: unknown };
  const known = sides.find((candidate) => candidate === side);
  if (known === undefined) return undefined;
  return typeof revision === 'string' ? { side: known, ref, revision } : { side: known, ref };
}

/** A context may be named like a URL (`arn:aws:eks:…/prod`); its slashes are no folders. */
function segment(text: string): string {
  return text.replaceAll('/', '∕');
}
