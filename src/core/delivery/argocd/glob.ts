/**
 * Globs as Argo CD matches them, which knows no separators: `*` stands for any text, slashes included, `?` for one character, `[a-z]` and
 * `[!a]` for one of some, `{a,b}` for one of several, and a backslash takes the meaning away. What cannot be read matches nothing.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  // Most are plain names, and every object is asked about every rule.
  if (!/[*?[{\\]/.test(pattern)) return pattern === text;
  const source = regexOf(pattern);
  return source !== undefined && new RegExp(`^(?:${source})$`, 's').test(text);
}

function regexOf(pattern: string): string | undefined {
  let source = '';
  let depth = 0;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === '\\') {
      at += 1;
      if (at >= pattern.length) return undefined;
      source += literal(pattern.charAt(at));
    } else if (character === '*') {
      while (pattern.charAt(at + 1) === '*') at += 1;
      source += '.*';
    } else if (character === '?') source += '.';
    else if (character === '[') {
      const end = pattern.indexOf(']', at + 1);
      const inner = end === -1 ? '' : pattern.slice(at + 1, end);
      const [, not = '', members = ''] = /^(!?)(.+)$/s.exec(inner) ?? [];
      const range = /^(.)-(.)$/s.exec(members);
      if (members === '' || (range?.[1] ?? '') > (range?.[2] ?? '')) return undefined;
      const listed = range === null ? inClass(members) : `${inClass(range[1])}-${inClass(range[2])}`;
      source += `[${not === '' ? '' : '^'}${listed}]`;
      at = end;
    } else if (character === '{') {
      depth += 1;
      source += '(?:';
    } else if (character === '}' && depth > 0) {
      depth -= 1;
      source += ')';
    } else if (character === ',' && depth > 0) source += '|';
    else source += literal(character);
  }
  // Argo CD takes a brace that is never closed for one that is closed at the end (seen on 3.2).
  return source + ')'.repeat(depth);
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&');
}

function inClass(character: string | undefined): string {
  return (character ?? '').replaceAll(/[\\\]^-]/g, '\\$&');
}
