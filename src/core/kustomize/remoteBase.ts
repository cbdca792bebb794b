const scheme = /^[a-z][a-z0-9+.-]*:\/\//i;
const scpLike = /^[\w.-]+@[\w.-]+[:/]/;
const shortHosts = /^(git::|gh:|github\.com[/:])/i;
const otherHosts = /^[\w-]+(\.[\w-]+)*\.(com|org|net|io|dev|cloud)[/:]/i;
const gitSuffix = /\.git(\/|\?|$)/;
const query = /\?(ref|version|submodules|timeout)=/;

/**
 * Whether kustomize goes to the network for an entry, even where a local folder has that name: `https://…`,
 * `git@host:org/repo`, `github.com/org/repo//path?ref=v1`. It has no switch against it, so the entry is refused before the build
 * (design §3.1). `file://` counts as well: it clones a repository that is not this one.
 */
export function isRemote(entry: string): boolean {
  return scheme.test(entry) || scpLike.test(entry) || shortHosts.test(entry);
}

/** Whether an entry that is no local file or folder was meant to be remote. Only the message depends on it. */
export function looksRemote(entry: string): boolean {
  return isRemote(entry) || otherHosts.test(entry) || gitSuffix.test(entry) || query.test(entry);
}
