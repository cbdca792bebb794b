import { badRequest } from '../core/cluster/statusError.ts';
import type { GoField, GoStruct } from '../core/cluster/goTypes.ts';
import { type Json, type JsonObject, isJsonObject } from '../core/json.ts';
import { parseJson } from '../core/jsonText.ts';

/** What every protobuf body of a Kubernetes client begins with. */
const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/**
 * Reads a protobuf body as Go clients send it for built-in kinds: an envelope that names the type, and the object in it.
 * `structOf` finds the Go type of a kind. Empty values come as they are sent; reading the object drops those that mean nothing.
 * Throws StatusError where the body is none or of a type that is not known.
 */
export function readProtobuf(body: Buffer, structOf: (apiVersion: string, kind: string) => GoStruct | undefined): Json {
  if (!body.subarray(0, 4).equals(magic))
    throw badRequest('the body does not begin as a protobuf body of Kubernetes does');
  const envelope = fieldsOf(body.subarray(4));
  const type = fieldsOf(bytesAt(envelope, 1));
  const apiVersion = bytesAt(type, 1).toString('utf8');
  const kind = bytesAt(type, 2).toString('utf8');
  const struct = structOf(apiVersion, kind);
  if (struct === undefined) throw badRequest(`the sandbox reads ${kind} in version ${apiVersion} as JSON only`);
  return { apiVersion, kind, ...readStruct(bytesAt(envelope, 2), struct) };
}

interface WireField {
  number: number;
  /** A varint or 64 bits as a number, all else as bytes. */
  value: bigint | Buffer;
}

function fieldsOf(bytes: Buffer): WireField[] {
  const fields: WireField[] = [];
  const reader = new Reader(bytes);
  while (!reader.atEnd) {
    const tag = Number(reader.varint());
    const number = tag >>> 3;
    switch (tag & 7) {
      case 0:
        fields.push({ number, value: reader.varint() });
        break;
      case 1:
        fields.push({ number, value: reader.take(8) });
        break;
      case 2:
        fields.push({ number, value: reader.take(Number(reader.varint())) });
        break;
      case 5:
        fields.push({ number, value: reader.take(4) });
        break;
      default:
        throw badRequest('the protobuf body is malformed');
    }
  }
  return fields;
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw badRequest('the protobuf body ends too soon');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw badRequest('the protobuf body is malformed');
  }

  take(count: number): Buffer {
    const taken = this.#bytes.subarray(this.#at, this.#at + count);
    if (count < 0 || taken.length < count) throw badRequest('the protobuf body ends too soon');
    this.#at += count;
    return taken;
  }
}

function bytesAt(fields: readonly WireField[], number: number): Buffer {
  const found = fields.findLast((one) => one.number === number)?.value;
  return Buffer.isBuffer(found) ? found : Buffer.alloc(0);
}

function readStruct(bytes: Buffer, struct: GoStruct): JsonObject {
  const byNumber = new Map(struct.fields.map((one) => [one.number, one]));
  const out: JsonObject = {};
  for (const { number, value } of fieldsOf(bytes)) {
    const one = byNumber.get(number);
    if (one === undefined) continue;
    if (one.inline && typeof one.type !== 'string' && Buffer.isBuffer(value)) {
      Object.assign(out, readStruct(value, one.type));
    } else if (one.shape === 'list') {
      const list = out[one.name];
      const items = Array.isArray(list) ? list : [];
      items.push(readValue(value, one.type));
      out[one.name] = items;
    } else if (one.shape === 'map') {
      const entry = fieldsOf(Buffer.isBuffer(value) ? value : Buffer.alloc(0));
      const map = isJsonObject(out[one.name]) ? (out[one.name] as JsonObject) : {};
      const key = bytesAt(entry, 1).toString('utf8');
      const item = entry.findLast((part) => part.number === 2)?.value ?? Buffer.alloc(0);
      if (key !== '__proto__') map[key] = readValue(item, one.type);
      out[one.name] = map;
    } else {
      out[one.name] = readValue(value, one.type);
    }
  }
  return out;
}

function readValue(value: bigint | Buffer, type: GoField['type']): Json {
  if (typeof type !== 'string') return readStruct(Buffer.isBuffer(value) ? value : Buffer.alloc(0), type);
  if (typeof value === 'bigint') return type === 'b' ? value !== 0n : narrowed(value);
  switch (type) {
    case 's':
      return value.toString('utf8');
    case 'y':
      return value.toString('base64');
    case 'f':
      return value.readDoubleLE(0);
    default:
      return readSpecial(value, type.slice(type.lastIndexOf('.') + 1));
  }
}

function narrowed(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Types that print themselves as something else than their fields. */
function readSpecial(bytes: Buffer, type: string): Json {
  const fields = fieldsOf(bytes);
  const number = (wanted: number): bigint => {
    const found = fields.findLast((one) => one.number === wanted)?.value;
    return typeof found === 'bigint' ? found : 0n;
  };
  switch (type) {
    case 'Quantity':
      return bytesAt(fields, 1).toString('utf8');
    case 'IntOrString':
      return number(1) === 0n ? narrowed(number(2)) : bytesAt(fields, 3).toString('utf8');
    case 'Time':
    case 'MicroTime': {
      if (fields.length === 0 || number(1) < -62_135_596_800n + 1n) return null;
      const text = new Date(Number(number(1)) * 1000).toISOString();
      if (type === 'Time') return `${text.slice(0, 19)}Z`;
      return `${text.slice(0, 19)}.${String(number(2) / 1000n).padStart(6, '0')}Z`;
    }
    case 'Duration':
      return `${Number(number(1)) / 1e9}s`;
    case 'FieldsV1':
    case 'RawExtension':
    case 'JSON': {
      const raw = bytesAt(fields, 1).toString('utf8');
      return raw === '' ? null : parseJson(raw);
    }
    default:
      return null;
  }
}
