import { type ObjectRef, parseRef } from '../sessions/objectRef.ts';

/** Which side of an object a document shows. `live-compared` is without what no one declares; `git` is what live would be by Git. */
export type ManifestSide = 'live' | 'live-compared' | 'git';

const sides: readonly ManifestSide[] = ['live', 'live-compared', 'git'];

/** The parts of a virtual document's address. The path is for people; language and title come from it. */
export interface ManifestAddress {
  path: string;
  query: string;
}

export function addressOf(side: ManifestSide, ref: ObjectRef): ManifestAddress {
  const { path: _field, ...object } = ref;
  const { kind, namespace, name } = ref.key;
  const place = [ref.context, namespace === '' ? 'cluster' : namespace].map(segment).join('/');
  const label = side === 'git' ? 'Git' : 'live';
  return {
    // package.json gives this folder's documents their language, so that linters for YAML leave them alone.
    path: `/plumbline-manifest/${place}/${segment(`${kind} ${name} (${label})`)}`,
    query: JSON.stringify({ side, ...object }),
  };
}

/** Undefined where the address is not one of ours. */
export function parseAddress(query: string): { side: ManifestSide; ref: ObjectRef } | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(query);
  } catch {
    return undefined;
  }
  const ref = parseRef(parsed);
  if (ref === undefined) return undefined;
  const { side } = parsed as { side?: unknown };
  const known = sides.find((candidate) => candidate === side);
  return known === undefined ? undefined : { side: known, ref };
}

/** A context may be named like a URL (`arn:aws:eks:…/prod`); its slashes are no folders. */
function segment(text: string): string {
  return text.replaceAll('/', '∕');
}
