/** Whether a file of `.git` says where HEAD and the branches are. */
export function isHistory(root: string, path: string): boolean {
  const start = `${root.replaceAll('\\', '/')}/.git/`;
  const name = path.replaceAll('\\', '/');
  return name.startsWith(start) && /^(HEAD|logs\/HEAD|FETCH_HEAD|packed-refs|refs\/.*)$/.test(name.slice(start.length));
}

/** Path below a root with forward slashes; undefined where it lies elsewhere, or inside of `.git`. */
export function relativeTo(root: string, path: string): string | undefined {
  const from = root.replaceAll('\\', '/').replace(/\/$/, '');
  const to = path.replaceAll('\\', '/');
  if (!to.startsWith(`${from}/`)) return undefined;
  const relative = to.slice(from.length + 1);
  return /(^|\/)\.git(\/|$)/.test(relative) ? undefined : relative;
}
