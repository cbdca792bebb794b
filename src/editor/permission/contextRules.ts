/** What the user's own settings say of contexts; a workspace has no say in it (design §3.3, Writing). */
export interface ContextRules {
  /** Contexts that were allowed, each with the server that it pointed to then; `*` stands for any server. */
  writable: ReadonlyMap<string, string>;
  /** Patterns of names; `*` stands for any characters, `?` for one. */
  protected: readonly string[];
}

/** `moved`: allowed once, but the context points to another server now, which is another cluster. */
export type Standing = 'allowed' | 'unasked' | 'moved';

/** Whether a context may be changed. The server counts as much as the name, which any kubeconfig can give to any cluster. */
export function standingOf(context: string, server: string, rules: ContextRules): Standing {
  const allowed = rules.writable.get(context);
  if (allowed === undefined) return 'unasked';
  return allowed === '*' || sameServer(allowed, server) ? 'allowed' : 'moved';
}

/** Whether a change must be confirmed by typing the context's name. */
export function isProtected(context: string, rules: ContextRules): boolean {
  return rules.protected.some((pattern) => matches(pattern, context));
}

/** Settings are whatever a person wrote: what is no rule is none, and nothing is allowed by mistake. */
export function rulesOf(writable: unknown, protectedPatterns: unknown): ContextRules {
  const entries = typeof writable === 'object' && writable !== null ? Object.entries(writable) : [];
  return {
    writable: new Map(entries.filter((entry): entry is [string, string] => isText(entry[1]))),
    protected: Array.isArray(protectedPatterns) ? protectedPatterns.filter(isText) : [],
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function sameServer(a: string, b: string): boolean {
  const plain = (url: string): string => url.trim().toLowerCase().replace(/\/+$/, '');
  return plain(a) === plain(b);
}

/** Runs in time proportional to pattern times name, whatever the pattern: a regular expression of many `*` would not. */
function matches(pattern: string, name: string): boolean {
  const glob = pattern.trim().toLowerCase();
  const text = name.toLowerCase();
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let index = 0; index < text.length;) {
    if (glob[at] === '*') {
      star = at++;
      resume = index;
    } else if (at < glob.length && (glob[at] === '?' || glob[at] === text[index])) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++resume;
    } else return false;
  }
  while (glob[at] === '*') at++;
  return at === glob.length;
}
