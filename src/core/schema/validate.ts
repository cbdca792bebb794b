import { type Json, equalJson, isJsonObject } from '../json.ts';
import { printJson } from '../jsonText.ts';
import { parseQuantity } from '../kube/quantity.ts';
import type { PathSegment } from '../location.ts';
import { formatServerPath } from './path.ts';
import { type PathElement, fieldElement, indexElement, itemElement, segmentOf } from './pathElement.ts';
import type { ListShape, MapShape, SchemaNode } from './schemaNode.ts';
import { shapeFor } from './valueShape.ts';

type FindingCode =
  // A server-side apply refuses these whatever else is asked for (semantics N-8, N-12, M-5, M-6).
  | 'unknown-field'
  | 'wrong-type'
  | 'duplicate-key'
  | 'invalid-item'
  // Decoding, defaulting or validation of the object refuses these.
  | 'missing-required'
  | 'bad-enum'
  | 'bad-format';

/** What is wrong with one field of an object, seen from its schema alone. */
export interface SchemaFinding {
  segments: PathSegment[];
  code: FindingCode;
  /** Without the path, in the words of the API server where it has some. */
  message: string;
}

export interface ValidateOptions {
  /** Only what makes a value unfit for merging. */
  mergeOnly?: boolean;
  /** Live objects may hold items that share a key (semantics M-6). */
  allowDuplicates?: boolean;
}

/**
 * What the API server would refuse in an object, in the order of the fields. A kind without a schema has few findings: its
 * metadata alone is typed. Nothing throws.
 */
export function validateObject(object: Json, node: SchemaNode, options: ValidateOptions = {}): SchemaFinding[] {
  const walk = new Validation(options, node.builtIn === true);
  walk.visit(object, node);
  return walk.findings;
}

/** The findings as the API server words them in one error: `.spec.replica: field not declared in schema`. */
export function describeFindings(findings: readonly SchemaFinding[]): string {
  const lines = findings.map(({ segments, message }) => {
    const path = formatServerPath(segments);
    return path === '' ? message : `${path}: ${message}`;
  });
  return lines.length === 1 ? (lines[0] ?? '') : ['errors:', ...lines.map((line) => `  ${line}`)].join('\n');
}

class Validation {
  readonly findings: SchemaFinding[] = [];
  readonly #options: ValidateOptions;
  readonly #builtIn: boolean;
  /** Turned into segments only where something is wrong. */
  readonly #path: PathElement[] = [];

  constructor(options: ValidateOptions, builtIn: boolean) {
    this.#options = options;
    this.#builtIn = builtIn;
  }

  visit(value: Json, node: SchemaNode): void {
    switch (shapeFor(node, value)) {
      case 'map':
        if (node.map !== undefined) this.#visitMap(value, node, node.map);
        break;
      case 'list':
        if (node.list !== undefined) this.#visitList(value, node.list);
        break;
      default:
        this.#visitScalar(value, node);
    }
  }

  #report(code: FindingCode, message: string): void {
    this.findings.push({ segments: this.#path.map(segmentOf), code, message });
  }

  #visitMap(value: Json, node: SchemaNode, shape: MapShape): void {
    if (value === null) return;
    if (!isJsonObject(value)) {
      this.#report('wrong-type', `expected map, got ${kindOf(value)}`);
      return;
    }
    for (const key in value) {
      const type = shape.fields?.get(key) ?? shape.values;
      this.#path.push(fieldElement(key));
      if (type === undefined) this.#report('unknown-field', 'field not declared in schema');
      else this.visit(value[key] ?? null, type);
      this.#path.pop();
    }
    if (this.#options.mergeOnly === true) return;
    for (const name of node.required ?? []) {
      if (Object.hasOwn(value, name) && value[name] !== null) continue;
      if (shape.fields?.get(name)?.default !== undefined) continue;
      this.#path.push(fieldElement(name));
      this.#report('missing-required', 'Required value');
      this.#path.pop();
    }
  }

  #visitList(value: Json, shape: ListShape): void {
    if (value === null) return;
    if (!Array.isArray(value)) {
      this.#report('wrong-type', `expected list, got ${kindOf(value)}`);
      return;
    }
    const seen = new Set<string>();
    for (let index = 0; index < value.length; index++) {
      const item = value[index] ?? null;
      if (shape.relationship === 'atomic') {
        this.#path.push(indexElement(index));
      } else {
        const element = itemElement(shape, item);
        if (typeof element !== 'string') {
          this.#report('invalid-item', `element ${index}: ${element.error}`);
          // What cannot be told apart cannot be looked into either.
          return;
        }
        if (seen.has(element) && this.#options.allowDuplicates !== true) {
          this.#report('duplicate-key', `duplicate entries for key ${formatServerPath([segmentOf(element)])}`);
        }
        seen.add(element);
        this.#path.push(element);
      }
      this.visit(item, shape.items);
      this.#path.pop();
    }
  }

  #visitScalar(value: Json, node: SchemaNode): void {
    if (value === null) return;
    const expected = mismatch(value, node);
    if (expected !== undefined) this.#report('wrong-type', `expected ${expected}, got ${kindOf(value)}`);
    else if (this.#options.mergeOnly !== true) this.#visitFacts(value, node);
  }

  #visitFacts(value: Json, node: SchemaNode): void {
    if (node.integer === true && typeof value === 'number' && !Number.isInteger(value)) {
      this.#report('wrong-type', 'expected integer, got a fraction');
    }
    if (node.format === 'quantity' && parseQuantity(value) === undefined) {
      this.#report('bad-format', `not a quantity: ${printJson(value)}`);
    }
    // Go types take an empty string for a value that was not given.
    const isUnset = this.#builtIn && value === '';
    if (node.enum !== undefined && !isUnset && !node.enum.some((one) => equalJson(one, value))) {
      const supported = node.enum.map((one) => printJson(one)).join(', ');
      this.#report('bad-enum', `Unsupported value: ${printJson(value)}: supported values: ${supported}`);
    }
  }
}

/** What the schema wants instead; undefined where the value fits. */
function mismatch(value: Json, node: SchemaNode): string | undefined {
  const kind = typeof value;
  switch (node.scalar) {
    case 'string':
      return kind === 'string' ? undefined : 'string';
    case 'numeric':
      return kind === 'number' || kind === 'bigint' ? undefined : 'numeric (int or float)';
    case 'boolean':
      return kind === 'boolean' ? undefined : 'boolean';
    default:
      return kind === 'object' ? 'any scalar' : undefined;
  }
}

/** The kind of a value, never the value itself: it may be a Secret's. */
function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'object') return 'map';
  return typeof value === 'bigint' ? 'number' : typeof value;
}
