/**
 * The form in which two spellings of one remote repository are equal: host and path, without scheme, user, port of the scheme,
 * `.git` and trailing slashes. `git@github.com:org/app.git` and `https://github.com/org/app` are the same.
 */
export function remoteIdentity(url: string): string {
  const scpLike = /^(?:[^@/]+@)?([^:/]+):(?!\/\/)(.+)$/.exec(url);
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/]*@)?([^/:]*)(?::(\d+))?\/?(.*)$/i.exec(url);
  let host = '';
  let port: string | undefined;
  let path = url;
  if (withScheme !== null) {
    host = withScheme[1] ?? '';
    port = withScheme[2];
    path = withScheme[3] ?? '';
  } else if (scpLike !== null) {
    host = scpLike[1] ?? '';
    path = scpLike[2] ?? '';
  }
  const usualPort = port === undefined || port === '22' || port === '443' || port === '80';
  const place = usualPort ? host.toLowerCase() : `${host.toLowerCase()}:${port}`;
  return `${place}/${path
    .replace(/^\/+/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')}`;
}
