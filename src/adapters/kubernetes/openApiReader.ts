import { type Json, field, isJsonObject, stringAt } from '../../core/json.ts';
import { printJson } from '../../core/jsonText.ts';
import { leanOpenApi } from '../../core/schema/leanOpenApi.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { ApiConnection } from './apiConnection.ts';
import type { SchemaFolder } from './schemaFolder.ts';
import { orAborted } from './waiting.ts';

/** Paths of documents by group-version, as `/openapi/v3` lists them. */
type Index = ReadonlyMap<string, string>;

/**
 * OpenAPI v3 documents of one cluster. Each address holds a hash of its content, so a document is fetched once per content, and
 * those of Kubernetes itself are kept on disk where a folder is given.
 */
export class OpenApiReader {
  readonly #connection: ApiConnection;
  readonly #folder: SchemaFolder | undefined;
  #index: Promise<Index> | undefined;
  /** Texts, since a parsed document takes several times as much memory and is asked for once. */
  readonly #texts = new Map<string, { path: string; text: Promise<string> }>();

  constructor(connection: ApiConnection, folder: SchemaFolder | undefined) {
    this.#connection = connection;
    this.#folder = folder;
  }

  /** Undefined where the server has no document of the group-version. @throws {ClusterError} */
  async document(groupVersion: string, signal?: AbortSignal): Promise<Json | undefined> {
    const index = await orAborted(this.#readIndex(), signal);
    const key = groupVersion.includes('/') ? `apis/${groupVersion}` : `api/${groupVersion}`;
    const path = index.get(key);
    if (path === undefined) return undefined;
    let known = this.#texts.get(key);
    if (known?.path !== path) {
      known = { path, text: this.#fetch(groupVersion, path) };
      this.#texts.set(key, known);
      // What failed is asked for again the next time.
      known.text.catch(() => this.#texts.delete(key));
    }
    return this.#connection.parse(await orAborted(known.text, signal));
  }

  /** Asks for the hashes again before the next answer. */
  refresh(): void {
    this.#index = undefined;
  }

  /** Asks for the hashes now, since documents will be wanted; what fails is told to whoever wants one. */
  readAhead(): void {
    this.#readIndex().catch(() => {});
  }

  #readIndex(): Promise<Index> {
    if (this.#index !== undefined) return this.#index;
    const reading = this.#fetchIndex();
    this.#index = reading;
    reading.catch(() => {
      if (this.#index === reading) this.#index = undefined;
    });
    return reading;
  }

  async #fetchIndex(): Promise<Index> {
    const index = new Map<string, string>();
    try {
      const answer = await this.#connection.json({
        method: 'GET',
        path: '/openapi/v3',
        subject: { verb: 'ask' },
      });
      const paths = field(answer, 'paths');
      for (const [key, entry] of Object.entries(isJsonObject(paths) ? paths : {})) {
        const url = withoutPrefix(stringAt(entry, 'serverRelativeURL'), this.#connection.server);
        // Only addresses of this server: the answer must not send the user's credentials elsewhere.
        if (url?.startsWith('/openapi/v3/') === true) index.set(key, url);
      }
    } catch (error) {
      if (!ClusterError.is(error, 'not-found')) throw error;
    }
    return index;
  }

  async #fetch(groupVersion: string, path: string): Promise<string> {
    const { server } = this.#connection;
    const kept = await this.#folder?.read(server, groupVersion, path);
    if (kept !== undefined) return kept;
    const document = await this.#connection.json({ method: 'GET', path, subject: { verb: 'ask' } });
    const text = printJson(leanOpenApi(document));
    await this.#folder?.write(server, groupVersion, path, text);
    return text;
  }
}

/** Servers below a path (Rancher) may name addresses from the host's root or from their own. */
function withoutPrefix(url: string | undefined, server: string): string | undefined {
  const prefix = new URL(server).pathname.replace(/\/$/, '');
  return prefix !== '' && url?.startsWith(`${prefix}/`) === true ? url.slice(prefix.length) : url;
}
