/**
 * What an engine reports, without what it quotes of objects: kubectl prints the whole patch that failed, and an API server the value of a
 * Secret that it refuses (semantics S-1). Fields, names and reasons stay.
 */
export function quietEngineText(text: string): string {
  const patchless = text.replace(/(applying patch:\s*)\{.*?\}(?=\s*to:|\s*$)/gs, '$1{…}');
  if (!/\bSecrets?\b/.test(patchless)) return patchless;
  return patchless.replace(/((?:Invalid|Unsupported|Duplicate) value): (?:"(?:[^"\\]|\\.)*"|[^:]*)(?=: )/g, '$1: ***');
}
