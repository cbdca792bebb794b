import { type Json, type JsonObject, field, isJsonObject } from '../json.ts';

/** How a scalar, or a type that prints itself, is held: text, boolean, number, float, bytes, or the name of the type. */
export type GoScalar = string;

export interface GoField {
  /** In JSON; of an inlined struct the name in protobuf alone. */
  name: string;
  /** In protobuf. */
  number: number;
  pointer: boolean;
  omitEmpty: boolean;
  /** Left out even as an empty struct. */
  omitZero: boolean;
  /** Its fields stand in the struct around it. */
  inline: boolean;
  shape: 'one' | 'list' | 'map';
  type: GoScalar | GoStruct;
}

/** The Go type behind a built-in kind, which decides what the API server makes of empty values (semantics N-10, N-11). */
export interface GoStruct {
  readonly name: string;
  readonly fields: readonly GoField[];
}

/** The types of a table that `scripts/goTypes.ts` made, each read when it is first asked for. */
export class GoTypes {
  readonly #table: Json | undefined;
  readonly #structs = new Map<string, GoStruct>();

  constructor(table: Json | undefined) {
    this.#table = field(table, 'types');
  }

  struct(name: string): GoStruct | undefined {
    const known = this.#structs.get(name);
    if (known !== undefined) return known;
    const entries = field(this.#table, name);
    if (!isJsonObject(entries)) return undefined;
    const fields: GoField[] = [];
    const struct: GoStruct = { name, fields };
    // Known before its fields are, so that types that hold themselves end.
    this.#structs.set(name, struct);
    for (const [key, entry] of Object.entries(entries)) fields.push(this.#field(key, entry));
    return struct;
  }

  #field(name: string, entry: Json): GoField {
    const [number, flags, type] = Array.isArray(entry) ? entry : [];
    const has = (flag: string): boolean => typeof flags === 'string' && flags.includes(flag);
    const typeName = typeof type === 'string' ? type : 's';
    return {
      name,
      number: typeof number === 'number' ? number : 0,
      pointer: has('p'),
      omitEmpty: has('o'),
      omitZero: has('z'),
      inline: has('i'),
      shape: has('l') ? 'list' : has('m') ? 'map' : 'one',
      type: this.struct(typeName) ?? typeName,
    };
  }
}

/**
 * An object as Go prints it after reading it: empty values of optional fields are gone, structs and required values are there.
 * Fields that the type does not have stay as they are. Reading tells a required list that is empty from none (`keepEmpty`), storage
 * does not.
 */
export function asGoPrints(value: JsonObject, struct: GoStruct, keepEmpty = false): JsonObject {
  const out: JsonObject = { ...value };
  printInto(out, value, struct, keepEmpty);
  return out;
}

function printInto(out: JsonObject, value: JsonObject, struct: GoStruct, keepEmpty: boolean): void {
  for (const one of struct.fields) {
    if (one.inline && typeof one.type !== 'string') {
      // An inlined pointer that is nil prints nothing; none of the served types has one.
      printInto(out, value, one.type, keepEmpty);
      continue;
    }
    const printed = printField(
      Object.hasOwn(value, one.name) ? (value[one.name] ?? undefined) : undefined,
      one,
      keepEmpty,
    );
    if (printed === undefined) delete out[one.name];
    else out[one.name] = printed;
  }
}

function printField(value: Json | undefined, one: GoField, keepEmpty: boolean): Json | undefined {
  if (one.shape !== 'one') {
    const count = Array.isArray(value) ? value.length : isJsonObject(value) ? Object.keys(value).length : 0;
    if (count === 0 || value === undefined) {
      if (one.omitEmpty) return undefined;
      return keepEmpty ? (value ?? null) : null;
    }
    return printCollection(value, one.type, keepEmpty);
  }
  if (one.pointer) {
    if (value === undefined) return one.omitEmpty ? undefined : null;
    return printOne(value, one.type, keepEmpty);
  }
  if (typeof one.type !== 'string') {
    const printed = asGoPrints(isJsonObject(value) ? value : {}, one.type, keepEmpty);
    return one.omitZero && Object.keys(printed).length === 0 ? undefined : printed;
  }
  if (value === undefined || isZero(value)) return zeroOf(one);
  return value;
}

function printCollection(value: Json, type: GoScalar | GoStruct, keepEmpty: boolean): Json {
  if (Array.isArray(value)) return value.map((item) => printOne(item, type, keepEmpty));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, printOne(item, type, keepEmpty)]));
}

function printOne(value: Json, type: GoScalar | GoStruct, keepEmpty: boolean): Json {
  if (typeof type === 'string') return value ?? zeroText(type);
  return asGoPrints(isJsonObject(value) ? value : {}, type, keepEmpty);
}

function zeroText(type: GoScalar): Json {
  return type === 's' || type === 'y' ? '' : null;
}

function isZero(value: Json): boolean {
  return value === '' || value === 0 || value === false || value === 0n;
}

/** What an empty field prints; types that print themselves do so even where they are empty. */
function zeroOf(one: GoField): Json | undefined {
  switch (one.type) {
    case 's':
      return one.omitEmpty ? undefined : '';
    case 'b':
      return one.omitEmpty ? undefined : false;
    case 'n':
    case 'f':
      return one.omitEmpty ? undefined : 0;
    case 'y':
      return one.omitEmpty ? undefined : null;
    case 'io.k8s.apimachinery.pkg.api.resource.Quantity':
      return one.omitZero ? undefined : '0';
    case 'io.k8s.apimachinery.pkg.util.intstr.IntOrString':
      return 0;
    case 'io.k8s.apimachinery.pkg.apis.meta.v1.Duration':
      return '0s';
    default:
      return one.omitZero ? undefined : null;
  }
}
