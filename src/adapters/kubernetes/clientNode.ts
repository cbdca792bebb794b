import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { KubeConfig, type User } from '@kubernetes/client-node';
import { field, isJsonObject, listAt, stringAt } from '../../core/json.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { CredentialSource, CredentialSourceOptions, RequestCredentials } from './credentialSource.ts';
import { type ExecCredential, runExecPlugin } from './execCredential.ts';
import type { ContextConfig } from './kubeconfig.ts';
import { signInAgain } from './signIn.ts';
import { orAborted } from './waiting.ts';

type Authenticator = Parameters<KubeConfig['addAuthenticator']>[0];

/** Ahead of a token's end, so that it does not run out on the way. */
const expiryMarginMilliseconds = 10_000;
/** How long the content of a token file counts; client-go has the same. */
const tokenFileMilliseconds = 60_000;
/** How long a plugin that failed is not run again: dozens of requests may be waiting, and it may open a browser each time. */
const failureMilliseconds = 5_000;
/** Dead peers are noticed by TCP keep-alive; load balancers drop silent connections after 60 s, so it begins before. */
const keepAliveMilliseconds = 30_000;

/**
 * Credentials of one context by client-node's KubeConfig: certificates, OIDC, proxies. Credential plugins and token files are
 * read by us and handed in through its own extension point, because client-node 2.0.1 runs a plugin without time limit and
 * KUBERNETES_EXEC_INFO, once per request that comes while it runs, and reads `token-file` where the format has `tokenFile`.
 */
export function openCredentials(config: ContextConfig, options: CredentialSourceOptions): CredentialSource {
  const provider = stringAt(config.user, 'auth-provider', 'name');
  if (provider !== undefined && provider !== 'oidc') throw removedProvider(config, provider);
  const own = new OwnAuthenticator(config, options);
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
        agent = options.proxy === undefined ? directAgent(config, request) : keptAlive(request.agent as HttpAgent);
        material = current;
        agents.add(agent);
      }
      const headers = { ...(request.headers as Record<string, string>), ...impersonation };
      if (request.auth) headers['Authorization'] = `Basic ${Buffer.from(request.auth).toString('base64')}`;
      return { headers, agent };
    },
    dispose() {
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
    throw new ClusterError(
      'credentials',
      `The sign-in to ${config.context} could not be renewed: ${describe(error)}.`,
      {
        remedy: sentence(signInAgain(config.context, config.user)),
      },
    );
  }
  return request;
}

/** What failed, without the parts of an OAuth answer that hold tokens. */
function describe(error: unknown): string {
  const text = error instanceof Error ? error.message : 'unknown error';
  return text.replaceAll(/[\w+/=.~-]{32,}/g, '…').replace(/[.\s]+$/, '');
}

/** One context as client-node knows it. A user is always there, since without one client-node ignores the cluster's CA. */
function makeKubeConfig(config: ContextConfig, proxy: string | undefined, own: OwnAuthenticator): KubeConfig {
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
        // A copy: client-node writes renewed tokens into it.
        authProvider: own.handles ? undefined : structuredClone(field(user, 'auth-provider')),
      },
    ],
    contexts: [{ name: config.context, cluster: config.clusterName, user: config.userName }],
    currentContext: config.context,
  });
  return kubeConfig;
}

function directAgent(config: ContextConfig, request: TlsRequest): HttpAgent {
  const options = { keepAlive: true, keepAliveMsecs: keepAliveMilliseconds, maxFreeSockets: 16 };
  if (config.server.startsWith('http:')) return new HttpAgent(options);
  const { ca, cert, key, rejectUnauthorized, servername } = request as Record<string, string | boolean | undefined>;
  const tls = Object.fromEntries(
    Object.entries({ ca, cert, key, rejectUnauthorized, servername }).filter(([, value]) => value !== undefined),
  );
  return new HttpsAgent({ ...options, ...tls });
}

/** client-node makes its proxy agents without keep-alive, which would cost a tunnel and a handshake for each request. */
function keptAlive(agent: HttpAgent): HttpAgent {
  const options = { keepAlive: true, keepAliveMsecs: keepAliveMilliseconds };
  Object.assign(agent, options);
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

/** Bearer tokens and certificates from credential plugins and token files. */
class OwnAuthenticator implements Authenticator {
  readonly handles: boolean;
  readonly #config: ContextConfig;
  readonly #options: CredentialSourceOptions;
  readonly #tokenFile: string | undefined;
  #credential: ExecCredential | undefined;
  #pending: Promise<ExecCredential> | undefined;
  #failure: { error: unknown; until: number } | undefined;

  constructor(config: ContextConfig, options: CredentialSourceOptions) {
    this.#config = config;
    this.#options = options;
    this.#tokenFile = stringAt(config.user, 'tokenFile') ?? stringAt(config.user, 'token-file');
    this.handles = this.#tokenFile !== undefined || isJsonObject(field(config.user, 'exec'));
  }

  isAuthProvider(_user: User): boolean {
    return this.handles;
  }

  /** Makes sure that a credential is there. However many requests wait for it, the plugin runs once. */
  async prepare(signal?: AbortSignal): Promise<void> {
    if (!this.handles || this.#isFresh()) return;
    if (this.#failure !== undefined && performance.now() < this.#failure.until) throw this.#failure.error;
    // The run belongs to all who wait, so no single abort ends it; whoever aborts stops waiting.
    this.#pending ??= this.#renewOnce().finally(() => (this.#pending = undefined));
    this.#credential = await orAborted(this.#pending, signal);
  }

  applyAuthentication(_user: User, request: TlsRequest): Promise<void> {
    const { token, certificate, key } = this.#credential ?? {};
    if (certificate !== undefined && key !== undefined) Object.assign(request, { cert: certificate, key });
    if (token !== undefined) request.headers = { ...(request.headers as object), Authorization: `Bearer ${token}` };
    return Promise.resolve();
  }

  #isFresh(): boolean {
    const { expires } = this.#credential ?? { expires: 0 };
    return expires === undefined || expires - expiryMarginMilliseconds > Date.now();
  }

  async #renewOnce(): Promise<ExecCredential> {
    try {
      return await this.#renew();
    } catch (error) {
      this.#failure = { error, until: performance.now() + failureMilliseconds };
      throw error;
    }
  }

  async #renew(): Promise<ExecCredential> {
    // A token file wins over everything else, as in client-go.
    if (this.#tokenFile === undefined) return runExecPlugin(this.#config, this.#options.runner);
    let token: string;
    try {
      token = (await readFile(this.#tokenFile, 'utf8')).trim();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      throw new ClusterError(
        'credentials',
        `The token file ${this.#tokenFile} of ${this.#config.context} could not be read (${code}).`,
        {
          remedy: 'Log in to the cluster again, or repair the kubeconfig.',
        },
      );
    }
    const expires = Date.now() + tokenFileMilliseconds + expiryMarginMilliseconds;
    return { token, certificate: undefined, key: undefined, expires };
  }
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
