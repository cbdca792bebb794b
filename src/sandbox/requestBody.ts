import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { StatusError, badRequest } from '../core/cluster/statusError.ts';
import type { Json } from '../core/json.ts';
import { parseJson } from '../core/jsonText.ts';
import { goStructOf } from './builtInTable.ts';
import { readProtobuf } from './protobuf.ts';
import { readYamlValues } from '../core/manifest/readManifests.ts';

/** As the API server's own limit for what etcd can take, and then some. */
const mostBytes = 8 * 1024 * 1024;

/** The body of a request as JSON; an empty one is null. YAML is read where the client says that it is YAML. Throws StatusError. */
export async function readBody(request: IncomingMessage): Promise<Json> {
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const raw = Buffer.concat(chunks);
  const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw, { maxOutputLength: mostBytes }) : raw;
  const contentType = request.headers['content-type'] ?? '';
  if (bytes.length > 0 && contentType.includes('protobuf')) return readProtobuf(bytes, goStructOf);
  const text = bytes.toString('utf8');
  if (text.trim() === '') return null;
  try {
    return parseJson(text);
  } catch (error) {
    if (contentType.includes('yaml')) return yamlBody(text);
    throw badRequest(`the body of the request is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
}

function yamlBody(text: string): Json {
  const { values, problems } = readYamlValues(text, { profile: 'raw' });
  const [problem] = problems;
  if (problem !== undefined) throw badRequest(`error decoding YAML: ${problem.message}`);
  const [only] = values;
  if (only === undefined) throw badRequest('error decoding YAML: the body holds no object');
  return only;
}

function tooLarge(): StatusError {
  return new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${mostBytes}`);
}
