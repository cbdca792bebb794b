import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:http';
import type { KubeConfig, User } from '@kubernetes/client-node';
import { type JsonObject, field, fieldAt, isJsonObject, stringAt } from '../../core/json.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { CredentialSourceOptions } from './credentialSource.ts';
import { type ExecCredential, runExecPlugin } from './execCredential.ts';
import type { ContextConfig } from './kubeconfig.ts';
import { OpenIdRefusal, openIdToken } from './openIdToken.ts';
import { signInAgain } from './signIn.ts';
import { orAborted } from './waiting.ts';

/** client-node's own extension point for credentials. */
type Authenticator = Parameters<KubeConfig['addAuthenticator']>[0];

/** Ahead of a token's end, so that it does not run out on the way. */
const expiryMarginMilliseconds = 10_000;
/** How long the content of a token file counts; client-go has the same. */
const tokenFileMilliseconds = 60_000;
/** How long a plugin that failed is not run again: dozens of requests may be waiting, and it may open a browser each time. */
const failureMilliseconds = 5_000;
/**
 * Bearer tokens and certificates from credential plugins, token files and OpenID providers. They are ours to get, since client-node
 * 2.0.1 runs a plugin without time limit and KUBERNETES_EXEC_INFO, once for each request that comes while it runs, reads `token-file`
 * where the format has `tokenFile`, and cannot renew an OpenID token.
 */
export class PluginAuthenticator implements Authenticator {
  readonly handles: boolean;
  readonly #config: ContextConfig;
  readonly #options: CredentialSourceOptions;
  readonly #tokenFile: string | undefined;
  readonly #hasPlugin: boolean;
  readonly #openId: JsonObject | undefined;
  #refreshToken: string | undefined;
  readonly #disposed = new AbortController();
  #credential: ExecCredential | undefined;
  #pending: Promise<ExecCredential> | undefined;
  #failure: { error: unknown; until: number } | undefined;

  constructor(config: ContextConfig, options: CredentialSourceOptions) {
    this.#config = config;
    this.#options = options;
    this.#tokenFile = stringAt(config.user, 'tokenFile') ?? stringAt(config.user, 'token-file');
    const settings = fieldAt(config.user, 'auth-provider', 'config');
    this.#openId = isJsonObject(settings) ? settings : undefined;
    this.#hasPlugin = isJsonObject(field(config.user, 'exec'));
    this.handles = this.#tokenFile !== undefined || this.#hasPlugin || this.#openId !== undefined;
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

  applyAuthentication(_user: User, request: RequestOptions): Promise<void> {
    const { token, certificate, key } = this.#credential ?? {};
    if (certificate !== undefined && key !== undefined) Object.assign(request, { cert: certificate, key });
    if (token !== undefined) request.headers = { ...(request.headers as object), Authorization: `Bearer ${token}` };
    return Promise.resolve();
  }

  /** Ends a plugin that runs. */
  dispose(): void {
    const message = `The connection to ${this.#config.context} was closed.`;
    this.#disposed.abort(new ClusterError('unreachable', message, { remedy: 'Refresh.' }));
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
    if (this.#tokenFile !== undefined) return this.#readTokenFile(this.#tokenFile);
    if (this.#hasPlugin || this.#openId === undefined)
      return runExecPlugin(this.#config, this.#options.runner, this.#disposed.signal);
    return this.#renewOpenId(this.#openId);
  }

  async #readTokenFile(file: string): Promise<ExecCredential> {
    let token: string;
    try {
      token = (await readFile(file, 'utf8')).trim();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      throw new ClusterError(
        'credentials',
        `The token file ${file} of ${this.#config.context} could not be read (${code}).`,
        { remedy: 'Log in to the cluster again, or repair the kubeconfig.' },
      );
    }
    const expires = Date.now() + tokenFileMilliseconds + expiryMarginMilliseconds;
    return { token, certificate: undefined, key: undefined, expires };
  }

  async #renewOpenId(settings: JsonObject): Promise<ExecCredential> {
    const { context, user } = this.#config;
    try {
      const { token, expires, refreshToken } = await openIdToken(settings, this.#refreshToken);
      this.#refreshToken = refreshToken;
      return { token, certificate: undefined, key: undefined, expires };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const why =
        error instanceof OpenIdRefusal ? error.message : `the identity provider did not answer (${code ?? 'no cause'})`;
      const remedy = signInAgain(context, user);
      throw new ClusterError('credentials', `The sign-in to ${context} could not be renewed: ${why}.`, {
        remedy: `${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}.`,
      });
    }
  }
}
