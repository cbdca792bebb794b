/** Whether labels meet a selector as people write it: `app=web,tier!=db,env in (a, b),!legacy`. Undefined where it is none. */
export function matchesSelector(selector: string, labels: Readonly<Record<string, string>>): boolean | undefined {
  const parts = splitRequirements(selector);
  let all = true;
  for (const part of parts) {
    const met = meets(part, labels);
    if (met === undefined) return undefined;
    all &&= met;
  }
  return all;
}

/** At commas outside parentheses. */
function splitRequirements(selector: string): string[] {
  return selector
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function meets(requirement: string, labels: Readonly<Record<string, string>>): boolean | undefined {
  const valueOf = (key: string): string | undefined => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  const set = /^([^\s=!(),]+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(requirement);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const value = valueOf(key);
    const isIn = value !== undefined && list.split(',').some((item) => item.trim() === value);
    return operator === 'in' ? isIn : !isIn;
  }
  const equality = /^([^\s=!(),]+)\s*(==?|!=)\s*([^\s=!(),]*)$/.exec(requirement);
  if (equality !== null) {
    const [, key = '', operator, wanted] = equality;
    return operator === '!=' ? valueOf(key) !== wanted : valueOf(key) === wanted;
  }
  const existence = /^(!?)\s*([^\s=!(),]+)$/.exec(requirement);
  if (existence === null) return undefined;
  const exists = valueOf(existence[2] ?? '') !== undefined;
  return existence[1] === '!' ? !exists : exists;
}
