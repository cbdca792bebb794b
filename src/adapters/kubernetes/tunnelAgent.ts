import { Agent as HttpAgent, ClientRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, type AgentOptions } from 'node:https';
import type { Duplex } from 'node:stream';

type Connected = (error: Error | null, stream: Duplex) => void;

const tunnelMilliseconds = 15_000;

/**
 * Keeps TLS connections that go through an HTTP proxy by CONNECT (RFC 9110 §9.3.6). client-node's own agent asks the proxy by
 * http.request, which VS Code replaces by one that looks for a proxy to the proxy.
 */
export class TunnelAgent extends HttpsAgent {
  readonly #proxy: URL;

  constructor(proxy: URL, options: AgentOptions) {
    super(options);
    this.#proxy = proxy;
  }

  override createConnection(options: RequestOptions, callback?: Connected): undefined {
    const { protocol, hostname, port, username, password } = this.#proxy;
    const host = options.host ?? '';
    const target = `${host.includes(':') ? `[${host}]` : host}:${options.port ?? 443}`;
    const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
    const request = new ClientRequest({
      ...{
        protocol,
        hostname: hostname.replace(/^\[|\]$/g, ''),
        port,
        method: 'CONNECT',
        path: target,
        setHost: false,
      },
      headers: { Host: target, ...(username === '' ? {} : { 'Proxy-Authorization': `Basic ${login}` }) },
      agent: protocol === 'https:' ? new HttpsAgent() : new HttpAgent(),
    });
    const fail = (error: Error): void => callback?.(error, undefined as unknown as Duplex);
    request.once('connect', (response, socket) => {
      if (response.statusCode === 200) {
        socket.setTimeout(0);
        const tls = super.createConnection({ ...options, socket } as RequestOptions, undefined);
        if (tls) callback?.(null, tls);
        return;
      }
      socket.destroy();
      fail(new Error(`Bad response: ${response.statusCode ?? 0}`));
    });
    request.once('error', fail);
    request.setTimeout(tunnelMilliseconds, () => request.destroy(new Error('the proxy did not answer in time')));
    request.end();
    return undefined;
  }
}
