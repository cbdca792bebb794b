import { BlockList, isIP } from 'node:net';

/**
 * The proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name for a server, as kubectl reads them: upper case before lower case,
 * loopback never by proxy. Undefined where the connection is direct.
 */
export function environmentProxy(server: string, environment: NodeJS.ProcessEnv): string | undefined {
  const url = new URL(server);
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  if (isLoopback(host)) return undefined;
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const proxy = variable(environment, name);
  if (proxy === '' || bypasses(variable(environment, 'NO_PROXY'), host, port)) return undefined;
  return /^[a-z0-9]+:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
}

function variable(environment: NodeJS.ProcessEnv, name: string): string {
  return (environment[name] ?? environment[name.toLowerCase()] ?? '').trim();
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127\./.test(host);
}

/** `example.com` covers its subdomains too, `.example.com` only them; addresses and ranges (10.0.0.0/8) match addresses. */
function bypasses(noProxy: string, host: string, port: string): boolean {
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || matches(entry, host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  const family = isIP(host);
  const range = /^(.+)\/(\d+)$/.exec(entry);
  if (range !== null) {
    const address = range[1] ?? '';
    if (family === 0 || isIP(address) !== family) return false;
    const list = new BlockList();
    try {
      list.addSubnet(address, Number(range[2]), family === 4 ? 'ipv4' : 'ipv6');
    } catch {
      return false;
    }
    return list.check(host, family === 4 ? 'ipv4' : 'ipv6');
  }
  const withPort = /^(.*?):(\d+)$/.exec(isIP(entry) === 6 ? '' : entry);
  if (withPort !== null && withPort[2] !== port) return false;
  const name = (withPort?.[1] ?? entry).replace(/^\[|\]$/g, '').replace(/^\*\./, '.');
  if (family !== 0 || isIP(name) !== 0) return name === host;
  return name.startsWith('.') ? host.endsWith(name) : host === name || host.endsWith(`.${name}`);
}
