/** An expression that cannot be evaluated here, or that Flux itself refuses. */
export interface BadExpression {
  fault: string;
}

export function isBadExpression(value: object): value is BadExpression {
  return 'fault' in value && !('apiVersion' in value);
}

const expression = /^([\p{L}\p{Nd}_]+)(?:(:?=|:[-?+])([^}]*)|(\^\^?|,,?)|:([^:}]+)(?::([^}]+))?)?$/u;

/**
 * Replaces `${…}` in a text as Flux does after a build (semantics F-2): `${var}`, defaults (`:-`, `:=`, `=`), upper and lower case (`^`, `^^`,
 * `,`, `,,`), length (`${#var}`) and parts (`${var:1:2}`). A variable that is not set and has no default is refused, as Flux does unless its
 * strict mode is off. Two dollars stand for one, a dollar without a brace for itself. Removing and replacing patterns, and expressions within expressions, are not evaluated here.
 */
export function envsubst(text: string, variables: ReadonlyMap<string, string>): string | BadExpression {
  let result = '';
  for (let at = 0; at < text.length; at++) {
    if (text.charAt(at) !== '$') {
      result += text.charAt(at);
      continue;
    }
    const next = text.charAt(at + 1);
    if (next === '$') {
      result += '$';
      at += 1;
    } else if (next === '{') {
      const end = text.indexOf('}', at);
      const inner = end === -1 ? '' : text.slice(at + 2, end);
      const value = end === -1 ? undefined : evaluate(inner, variables);
      if (value === undefined) return { fault: `the variable expression \${${inner}} is not understood here` };
      if (typeof value !== 'string') return value;
      result += value;
      at = end;
    } else result += '$';
  }
  return result;
}

/** Whether a text would change, or be refused. */
export function hasExpressions(text: string): boolean {
  return text.includes('${') || text.includes('$$');
}

function evaluate(inner: string, variables: ReadonlyMap<string, string>): string | BadExpression | undefined {
  // Within a default a dollar may begin another expression, and a backslash may stand for what follows it.
  if (inner.includes('$') || inner.includes('\\')) return undefined;
  const length = /^#([\p{L}\p{Nd}_]+)$/u.exec(inner);
  if (length !== null) {
    const counted = variables.get(length[1] ?? '');
    return counted === undefined ? notSet(length[1] ?? '') : String(bytesOf(counted));
  }
  const match = expression.exec(inner);
  if (match === null) return undefined;
  const [, name = '', operator, fallback = '', casing, offset, count] = match;
  const value = variables.get(name);
  if (operator !== undefined) return value === undefined || value === '' ? fallback : value;
  if (value === undefined) return notSet(name);
  if (casing !== undefined) return changeCase(value, casing);
  return offset === undefined ? value : partOf(value, offset, count);
}

function notSet(name: string): BadExpression {
  return { fault: `the variable ${name} is not set and has no default` };
}

/** Length in UTF-8, as Go counts. */
function bytesOf(text: string): number {
  let count = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    count += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
  }
  return count;
}

/** Character by character, as Go does; one that would become several here, as the German sharp s, is refused. */
function changeCase(value: string, operator: string): string | undefined {
  const change = (text: string): string => (operator.startsWith('^') ? text.toUpperCase() : text.toLowerCase());
  const characters = Array.from(value);
  const changed = characters.map((character, index) =>
    operator.length === 2 || index === 0 ? change(character) : character,
  );
  return changed.some((text) => Array.from(text).length > 1) ? undefined : changed.join('');
}

/** Counted in bytes, as Go does; other than in ASCII that may cut a character, which is refused. */
function partOf(value: string, offset: string, count: string | undefined): string | undefined {
  if (bytesOf(value) !== value.length) return undefined;
  const start = integer(offset);
  if (start === undefined) return value;
  const from = start < 0 ? Math.max(0, value.length + start) : start;
  if (count === undefined) return value.slice(from);
  const length = integer(count);
  if (length === undefined) return value;
  if (length >= 0) return value.slice(from, from + length);
  // A negative length counts from the end; beyond the beginning of the part there is nothing.
  return value.length + length < from ? '' : value.slice(from, value.length + length);
}

/** Offset or length; undefined for what Go reads no integer of 64 bits from, which leaves the value as it is. */
function integer(text: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const exact = BigInt(text.replace('+', ''));
  return BigInt.asIntN(64, exact) === exact ? Number(exact) : undefined;
}
