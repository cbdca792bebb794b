import packageFile from '../../package.json' with { type: 'json' };

/** `engines.node` of package.json without its sign. */
export const oldestNode: string = packageFile.engines.node.replace('>=', '');

/** Whether a version (`22.19`, `24.1.0`) comes before another. */
export function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = than.split('.').map(Number);
  return major === otherMajor ? minor < otherMinor : major < otherMajor;
}
