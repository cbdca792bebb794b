/** A Flux revision: `main@sha1:6a1b3c…`, `v1.2@sha1:…`, `sha1:…`; older ones `main/6a1b3c…`. */
export interface FluxRevision {
  /** Branch or tag, where it was followed. */
  ref?: string;
  /** Full commit id. */
  commit: string;
}

export function readFluxRevision(text: string | undefined): FluxRevision | undefined {
  if (text === undefined) return undefined;
  const match = /^(?:(.+)@)?sha(?:1|256):([0-9a-f]{7,64})$/.exec(text) ?? /^(.+)\/([0-9a-f]{40})$/.exec(text);
  const commit = match?.[2];
  if (commit === undefined) return undefined;
  const ref = match?.[1];
  return ref === undefined ? { commit } : { ref, commit };
}
