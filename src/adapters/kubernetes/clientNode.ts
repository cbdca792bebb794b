import { Agent as HttpAgent, type RequestOptions } from 'node:http';
import { type AgentOptions, Agent as HttpsAgent } from 'node:https';
import { type SecureContext, type SecureContextOptions, createSecureContext } from 'node:tls';
import { KubeConfig } from '@kubernetes/client-node';
import { field, isJsonObject, listAt, stringAt } from '../../core/json.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { CredentialSource, CredentialSourceOptions, RequestCredentials } from './credentialSource.ts';
import type { ContextConfig } from './kubeconfig.ts';
import { PluginAuthenticator } from './pluginAuthenticator.ts';
import { TunnelAgent } from './tunnelAgent.ts';

/** Dead peers are noticed by TCP keep-alive; load balancers drop silent connections after 60 s, so it begins before. */
const keepAliveMilliseconds = 30_000;

/**
 * Credentials of one context by client-node's KubeConfig: certificates, passwords, proxies. What runs out and is renewed
 * comes from `PluginAuthenticator`.
 */
export function openCredentials(config: ContextConfig, options: CredentialSourceOptions): CredentialSource {
  const provider = stringAt(config.user, 'auth-provider', 'name');
  if (provider !== undefined && provider !== 'oidc') throw removedProvider(config, provider);
  const own = new PluginAuthenticator(config, options);
  const impersonation = impersonationHeaders(config);
  let kubeConfig = makeKubeConfig(config, options.proxy, own);
  let material: string | undefined;
  let agent: HttpAgent | undefined;
  const agents = new Set<HttpAgent>();
  return {
    async next(signal): Promise<RequestCredentials> {
      await own.prepare(signal);
      let request = await apply(kubeConfig, config);
      const current = JSON.stringify([request.ca, request.cert, request.key].map(String));
      if (agent === undefined || current !== material) {
        if (material !== undefined && options.proxy !== undefined) {
          // client-node keeps a proxy's agent with the first certificate for good, so another certificate needs another one.
          kubeConfig = makeKubeConfig(config, options.proxy, own);
          request = await apply(kubeConfig, config);
        }
        agent = makeAgent(config, options.proxy, request);
        material = current;
        agents.add(agent);
      }
      const headers = { ...(request.headers as Record<string, string>), ...impersonation };
      if (request.auth) headers['Authorization'] = `Basic ${Buffer.from(request.auth).toString('base64')}`;
      return { headers, agent };
    },
    dispose() {
      own.dispose();
      for (const used of agents) used.destroy();
    },
  };
}

type TlsRequest = RequestOptions & { ca?: unknown; cert?: unknown; key?: unknown };

async function apply(kubeConfig: KubeConfig, config: ContextConfig): Promise<TlsRequest> {
  const request: TlsRequest = { headers: {} };
  try {
    await kubeConfig.applyToHTTPSOptions(request);
  } catch (error) {
    if (ClusterError.is(error)) throw error;
    const { code, path } = error as NodeJS.ErrnoException;
    if (code !== undefined && path !== undefined) {
      throw new ClusterError(
        'credentials',
        `${config.context}: ${path}, which the kubeconfig names, could not be read (${code}).`,
        {
          remedy: 'Log in to the cluster again, or repair the kubeconfig.',
        },
      );
    }
    throw error;
  }
  return request;
}

/** One context as client-node knows it. A user is always there, since without one client-node ignores the cluster's CA. */
function makeKubeConfig(config: ContextConfig, proxy: string | undefined, own: PluginAuthenticator): KubeConfig {
  const { cluster, user } = config;
  const kubeConfig = new KubeConfig();
  kubeConfig.addAuthenticator(own);
  kubeConfig.loadFromOptions({
    clusters: [
      {
        name: config.clusterName,
        server: config.server,
        caData: stringAt(cluster, 'certificate-authority-data'),
        caFile: stringAt(cluster, 'certificate-authority'),
        tlsServerName: stringAt(cluster, 'tls-server-name'),
        // client-node refuses plain HTTP unless told not to verify; there is nothing to verify then.
        skipTLSVerify: field(cluster, 'insecure-skip-tls-verify') === true || config.server.startsWith('http:'),
        proxyUrl: proxy,
      },
    ],
    users: [
      {
        name: config.userName,
        certData: stringAt(user, 'client-certificate-data'),
        certFile: stringAt(user, 'client-certificate'),
        keyData: stringAt(user, 'client-key-data'),
        keyFile: stringAt(user, 'client-key'),
        token: own.handles ? undefined : stringAt(user, 'token'),
        username: stringAt(user, 'username'),
        password: stringAt(user, 'password'),
        impersonateUser: stringAt(user, 'as'),
      },
    ],
    contexts: [{ name: config.context, cluster: config.clusterName, user: config.userName }],
    currentContext: config.context,
  });
  return kubeConfig;
}

/** Own agents where the connection is direct or goes through an HTTP proxy; client-node's for SOCKS and for servers without TLS. */
function makeAgent(config: ContextConfig, proxy: string | undefined, request: TlsRequest): HttpAgent {
  const secure = config.server.startsWith('https:');
  const options = { keepAlive: true, keepAliveMsecs: keepAliveMilliseconds, maxFreeSockets: 16 };
  const { ca, cert, key, rejectUnauthorized, servername } = request as AgentOptions;
  const tls = { ...readOnce(given({ ca, cert, key })), ...given({ rejectUnauthorized, servername }) };
  if (proxy === undefined) return secure ? new HttpsAgent({ ...options, ...tls }) : new HttpAgent(options);
  if (secure && /^https?:/i.test(proxy)) return new TunnelAgent(new URL(proxy), { ...options, ...tls });
  return keptAlive(request.agent as HttpAgent, config);
}

/** Certificates decoded once, not for each connection. Without a CA of their own VS Code may add the system's when one is made. */
function readOnce(material: SecureContextOptions): SecureContextOptions | { secureContext: SecureContext } {
  if (material.ca === undefined) return material;
  try {
    return { secureContext: createSecureContext(material) };
  } catch {
    // The connection will say what is wrong with them, where errors are put into words.
    return material;
  }
}

function given<Values extends object>(values: Values): Partial<Values> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<Values>;
}

/** client-node makes its proxy agents without keep-alive, which would cost a tunnel and a handshake for each request. */
function keptAlive(agent: HttpAgent, config: ContextConfig): HttpAgent {
  const options = { keepAlive: true, keepAliveMsecs: keepAliveMilliseconds };
  // The SOCKS agent would tell the protocol by who called http or https, which httpExchange does not.
  Object.assign(agent, options, { protocol: new URL(config.server).protocol });
  Object.assign((agent as unknown as { options: object }).options, options);
  return agent;
}

/** client-node sends `as` only. As kubectl does: groups repeat the header, an extra key is part of the header's name. */
function impersonationHeaders(config: ContextConfig): Record<string, string | string[]> {
  const strings = (value: unknown): string[] =>
    Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  const headers: Record<string, string | string[]> = {};
  const groups = strings(listAt(config.user, 'as-groups'));
  if (groups.length > 0) headers['Impersonate-Group'] = groups;
  const uid = stringAt(config.user, 'as-uid');
  if (uid !== undefined) headers['Impersonate-Uid'] = uid;
  const extra = field(config.user, 'as-user-extra');
  if (isJsonObject(extra)) {
    for (const [key, value] of Object.entries(extra)) {
      headers[`Impersonate-Extra-${encodeURIComponent(key)}`] = strings(value);
    }
  }
  return headers;
}

/** Kubernetes clients dropped the providers for gcp and azure in 1.26; client-node would run their command in a shell. */
function removedProvider(config: ContextConfig, provider: string): ClusterError {
  const remedies: Record<string, string> = {
    gcp: 'Run `gcloud container clusters get-credentials`, which writes a plugin instead.',
    azure: 'Run `kubelogin convert-kubeconfig`, which writes a plugin instead.',
  };
  return new ClusterError(
    'credentials',
    `User ${config.userName} of context ${config.context} signs in by auth-provider ${provider}, which Kubernetes clients no longer have.`,
    { remedy: remedies[provider] ?? 'Log in to the cluster again with a current version of its tool.' },
  );
}
