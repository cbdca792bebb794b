import { type Json, type JsonObject, isJsonObject } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import { groupVersionKindOf } from '../kube/objectKey.ts';
import { type SchemaNode, metadataNode } from '../schema/schemaNode.ts';
import { typeOfKey } from '../schema/valueShape.ts';
import { type ServedKind, apiVersionOfKind } from './servedKind.ts';
import { badRequest } from './statusError.ts';

/** What to do about fields that the kind does not have: refuse, tell, or drop them without a word. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export interface Decoded {
  object: KubeObject;
  /** For `Warning` headers. */
  warnings: string[];
}

/**
 * An object as the API server reads the body of a request: fields that the kind does not have are gone, a value of the wrong type is
 * refused (semantics N-8, N-12). Throws StatusError.
 */
export function decodeObject(body: Json, kind: ServedKind, validation: FieldValidation): Decoded {
  if (!isJsonObject(body)) throw badRequest('the object provided is unrecognized (must be of type Object)');
  checkType(body, kind);
  const walk = new Decoding(kind);
  const object = walk.object(body, kind.schema) as KubeObject;
  object.apiVersion = apiVersionOfKind(kind);
  object.kind = kind.kind;
  object.metadata = isJsonObject(object.metadata) ? object.metadata : {};
  const unknown = walk.unknown.map((field) => `unknown field ${JSON.stringify(field)}`);
  if (validation === 'Strict' && unknown.length > 0) throw strictError(kind, unknown);
  return { object, warnings: validation === 'Warn' ? unknown : [] };
}

function checkType(body: JsonObject, kind: ServedKind): void {
  const apiVersion = typeof body['apiVersion'] === 'string' ? body['apiVersion'] : '';
  const bodyKind = typeof body['kind'] === 'string' ? body['kind'] : '';
  // Go clients leave both out for typed requests; the URL then says what it is.
  if (apiVersion === '' && bodyKind === '') return;
  if (apiVersion === apiVersionOfKind(kind) && bodyKind === kind.kind) return;
  const sent = groupVersionKindOf({ apiVersion, kind: bodyKind });
  const version = `${sent.group}/${sent.version}, Kind=${sent.kind}`;
  throw badRequest(
    `${bodyKind} in version ${JSON.stringify(apiVersion)} cannot be handled as a ${kind.kind}: ` +
      `invalid object type: ${version}; expected ${kind.group}/${kind.version}, Kind=${kind.kind}`,
  );
}

function strictError(kind: ServedKind, problems: readonly string[]): Error {
  const what = `${kind.kind} in version ${JSON.stringify(kind.version)} cannot be handled as a ${kind.kind}`;
  return badRequest(`${what}: strict decoding error: ${problems.join(', ')}`);
}

class Decoding {
  readonly unknown: string[] = [];
  readonly #kind: ServedKind;

  constructor(kind: ServedKind) {
    this.#kind = kind;
  }

  object(body: JsonObject, node: SchemaNode): JsonObject {
    const decoded = this.#map(body, node, '', '');
    // ObjectMeta is a Go struct for every kind, also where a CRD says nothing of it.
    if (isJsonObject(body['metadata']))
      decoded['metadata'] = this.#map(body['metadata'], metadataNode, 'metadata', 'metadata');
    return decoded;
  }

  #map(value: JsonObject, node: SchemaNode, path: string, goPath: string): JsonObject {
    const shape = node.map;
    const kept: JsonObject = {};
    for (const key of Object.keys(value)) {
      if (key === '__proto__') continue;
      const child = value[key] as Json;
      const at = path === '' ? key : `${path}.${key}`;
      if (shape?.fields !== undefined && !shape.fields.has(key) && shape.values === undefined) {
        this.unknown.push(at);
      } else if (path === '' && key === 'metadata') {
        kept[key] = child;
      } else {
        kept[key] = this.#value(
          child,
          shape === undefined ? node : typeOfKey(shape, key),
          at,
          goPath === '' ? key : `${goPath}.${key}`,
        );
      }
    }
    return kept;
  }

  #value(value: Json, node: SchemaNode, path: string, goPath: string): Json {
    if (value === null || node.scalar === 'untyped') return value;
    if (Array.isArray(value)) {
      const list = node.list;
      if (list === undefined) return this.#wrongType(value, 'array', node, path, goPath);
      return value.map((item, index) => this.#value(item, list.items, `${path}[${index}]`, goPath));
    }
    if (isJsonObject(value)) {
      if (node.map === undefined) return this.#wrongType(value, 'object', node, path, goPath);
      return this.#map(value, node, path, goPath);
    }
    const kind = typeof value === 'bigint' ? 'number' : typeof value;
    const wanted = node.scalar === 'numeric' ? 'number' : node.scalar;
    if (wanted !== kind) return this.#wrongType(value, kind === 'boolean' ? 'bool' : kind, node, path, goPath);
    return value;
  }

  /** Custom resources keep the value; validation against their schema words it better. */
  #wrongType(value: Json, found: string, node: SchemaNode, path: string, goPath: string): Json {
    if (this.#kind.custom !== undefined && !path.startsWith('metadata')) return value;
    throw badRequest(
      `${this.#kind.kind} in version ${JSON.stringify(this.#kind.version)} cannot be handled as a ${this.#kind.kind}: ` +
        `json: cannot unmarshal ${found} into Go struct field ${this.#kind.kind}.${goPath} of type ${goType(node)}`,
    );
  }
}

function goType(node: SchemaNode): string {
  if (node.scalar === 'numeric') return node.integer === true ? (node.format ?? 'int32') : 'float64';
  if (node.scalar === 'boolean') return 'bool';
  if (node.scalar !== undefined) return 'string';
  if (node.list !== undefined) return `[]${goType(node.list.items)}`;
  return node.map?.values === undefined ? 'struct' : `map[string]${goType(node.map.values)}`;
}
