import { type Json, type JsonObject, isJsonObject } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import { groupVersionKindOf } from '../kube/objectKey.ts';
import { type SchemaNode, metadataNode } from '../schema/schemaNode.ts';
import { typeOfKey } from '../schema/valueShape.ts';
import { parseQuantity } from '../kube/quantity.ts';
import { storedBase64 } from './defaults/storedBase64.ts';
import type { GoStruct } from './goTypes.ts';
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
  const object = walk.object(body, kind.schema, kind.goType) as KubeObject;
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

  object(body: JsonObject, node: SchemaNode, struct: GoStruct | undefined): JsonObject {
    const decoded = this.#map(body, node, { path: '', goPath: '', goName: this.#kind.kind, struct });
    // ObjectMeta is a Go struct for every kind, also where a CRD says nothing of it.
    if (isJsonObject(body['metadata'])) {
      const place: Place = { path: 'metadata', goPath: 'metadata', goName: 'ObjectMeta', struct: undefined };
      decoded['metadata'] = this.#map(body['metadata'], metadataNode, place);
    }
    return decoded;
  }

  #map(value: JsonObject, node: SchemaNode, place: Place): JsonObject {
    const shape = node.map;
    const kept: JsonObject = {};
    for (const key of Object.keys(value)) {
      if (key === '__proto__') continue;
      const child = value[key] as Json;
      const path = place.path === '' ? key : `${place.path}.${key}`;
      if (shape?.fields !== undefined && !shape.fields.has(key) && shape.values === undefined) {
        this.unknown.push(path);
      } else if (place.path === '' && key === 'metadata') {
        kept[key] = child;
      } else {
        // Go names the struct and its field; keys of a map are values to it.
        const isField = shape?.fields !== undefined;
        const goPath = !isField ? place.goPath : place.goPath === '' ? key : `${place.goPath}.${key}`;
        const struct = isField ? fieldOf(place.struct, key) : place.struct;
        const at: Place = { path, goPath, goName: place.goName, struct };
        kept[key] = this.#value(child, shape === undefined ? node : typeOfKey(shape, key), at);
      }
    }
    return kept;
  }

  #value(value: Json, node: SchemaNode, place: Place): Json {
    if (value !== null) this.#checkSpelling(value, node);
    if (value === null || node.scalar === 'untyped') return value;
    const list = node.list;
    if (Array.isArray(value)) {
      if (list === undefined) return this.#wrongType(value, 'array', node, place);
      return value.map((item, index) => this.#value(item, list.items, { ...place, path: `${place.path}[${index}]` }));
    }
    if (isJsonObject(value)) {
      if (node.map === undefined) return this.#wrongType(value, 'object', node, place);
      const isStruct = node.map.fields !== undefined;
      return this.#map(value, node, isStruct ? { ...place, goName: shortName(place.struct, place.goName) } : place);
    }
    const kind = typeof value === 'bigint' ? 'number' : typeof value;
    const wanted = node.scalar === 'numeric' ? 'number' : node.scalar;
    if (wanted !== kind) return this.#wrongType(value, kind === 'boolean' ? 'bool' : kind, node, place);
    return value;
  }

  /** Texts that Go reads as something else. */
  #checkSpelling(value: Json, node: SchemaNode): void {
    if (this.#kind.custom !== undefined) return;
    if (node.format === 'quantity' && parseQuantity(value) === undefined) {
      const isNumber = typeof value === 'string' && /^[+-]?[0-9.]+[A-Za-z0-9+-]*$/.test(value);
      throw badRequest(
        `${this.#what()}: ${isNumber ? "unable to parse quantity's suffix" : "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"}`,
      );
    }
    if (node.format === 'byte' && typeof value === 'string' && storedBase64(value) === undefined) {
      throw badRequest(`${this.#what()}: illegal base64 data at input byte ${illegalByte(value)}`);
    }
  }

  #what(): string {
    return `${this.#kind.kind} in version ${JSON.stringify(this.#kind.version)} cannot be handled as a ${this.#kind.kind}`;
  }

  /** Custom resources keep the value; validation against their schema words it better. */
  #wrongType(value: Json, found: string, node: SchemaNode, place: Place): Json {
    if (this.#kind.custom !== undefined && !place.path.startsWith('metadata')) return value;
    const where = `Go struct field ${place.goName}.${place.goPath} of type ${goType(node)}`;
    throw badRequest(`${this.#what()}: json: cannot unmarshal ${found} into ${where}`);
  }
}

/** Where a value stands: for people, as Go names it, and the innermost Go struct around it. */
interface Place {
  path: string;
  goPath: string;
  goName: string;
  /** The type of the value itself, where it is known. */
  struct: GoStruct | undefined;
}

function fieldOf(struct: GoStruct | undefined, key: string): GoStruct | undefined {
  for (const one of struct?.fields ?? []) {
    if (typeof one.type === 'string') continue;
    if (!one.inline && one.name === key) return one.type;
    const inner = one.inline ? fieldOf(one.type, key) : undefined;
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function shortName(struct: GoStruct | undefined, otherwise: string): string {
  return struct === undefined ? otherwise : struct.name.slice(struct.name.lastIndexOf('.') + 1);
}

/** Where Go's decoder stops: at the first byte that is none of base64, or at the last group that is short. */
function illegalByte(text: string): number {
  const plain = text.replaceAll(/[\r\n]/g, '');
  const bad = plain.search(/[^A-Za-z0-9+/=]/);
  return bad === -1 ? plain.length - (plain.length % 4) : bad;
}

function goType(node: SchemaNode): string {
  if (node.scalar === 'numeric') return node.integer === true ? (node.format ?? 'int32') : 'float64';
  if (node.scalar === 'boolean') return 'bool';
  if (node.scalar !== undefined) return 'string';
  if (node.list !== undefined) return `[]${goType(node.list.items)}`;
  return node.map?.values === undefined ? 'struct' : `map[string]${goType(node.map.values)}`;
}
