import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface Reply {
  readonly status: number;
  readonly body: string;
}

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca?: string;
}

/** One HTTP request to a server of the set; never through a proxy. @throws when there is no answer within 10 seconds. */
export async function fetchText(url: string, options: RequestOptions = {}): Promise<Reply> {
  const { body, ...rest } = options;
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    // Without keep-alive, as a connection kept over a server's restart would fail the first request after it.
    const request = send(url, { ...rest, agent: false, timeout: 10_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: text });
      });
    });
    request.on('timeout', () => request.destroy(new Error(`No answer from ${url} within 10 s.`)));
    request.on('error', reject);
    request.end(body);
  });
}

/** As much of an object as the rig reads. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    generation?: number;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  [field: string]: unknown;
}

/** The API server as the rig itself uses it, as user admin. */
export interface ApiClient {
  /** @throws with the server's message when the answer is not 2xx. */
  send(method: string, path: string, body?: unknown, contentType?: string): Promise<unknown>;
  /** Server-side apply by manager `plumbline-rig`; `plural` is the resource's name in paths. */
  apply(plural: string, object: KubeObject): Promise<void>;
  /** Server-side apply of a cluster-scoped object that is at hand as YAML. */
  applyYaml(collection: string, yaml: string): Promise<string>;
  get(path: string): Promise<Reply>;
}

/** Path of an object, or of its collection when `name` is undefined. */
export function objectPath(apiVersion: string, plural: string, namespace?: string, name?: string): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
  return `${root}${scope}/${plural}${name === undefined ? '' : `/${name}`}`;
}

/** A client for one API server and token. */
export function apiClient(server: string, ca: string, token: string): ApiClient {
  const get = (path: string): Promise<Reply> =>
    fetchText(server + path, { ca, headers: { Authorization: `Bearer ${token}`, Accept: 'application/json' } });

  const sendText = async (method: string, path: string, body: string | undefined, type: string): Promise<unknown> => {
    const headers = { Authorization: `Bearer ${token}`, Accept: 'application/json', 'Content-Type': type };
    const reply = await fetchText(server + path, { method, ca, headers, ...(body === undefined ? {} : { body }) });
    if (reply.status < 200 || reply.status > 299) {
      throw new Error(`${method} ${path}: ${String(reply.status)} ${reply.body.slice(0, 500)}`);
    }
    return JSON.parse(reply.body);
  };

  const applyQuery = '?fieldManager=plumbline-rig&force=true';
  return {
    get,
    send: (method, path, body, type = 'application/json') =>
      sendText(method, path, body === undefined ? undefined : JSON.stringify(body), type),
    async apply(plural, object) {
      const path = objectPath(object.apiVersion, plural, object.metadata.namespace, object.metadata.name);
      await sendText('PATCH', path + applyQuery, JSON.stringify(object), 'application/apply-patch+yaml');
    },
    async applyYaml(collection, yaml) {
      const name = /^metadata:\n(?: .*\n)*? {2}name: (\S+)$/m.exec(yaml)?.[1];
      if (name === undefined) throw new Error(`No metadata.name in the YAML for ${collection}.`);
      await sendText('PATCH', `${collection}/${name}${applyQuery}`, yaml, 'application/apply-patch+yaml');
      return name;
    },
  };
}
