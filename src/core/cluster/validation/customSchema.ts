import { type Json, type JsonObject, equalJson, field, isJsonObject, listAt } from '../../json.ts';
import {
  type FieldError,
  duplicate,
  invalidValue,
  notSupported,
  required,
  typeName,
  wrongType,
} from '../fieldError.ts';
import { printJson } from '../../jsonText.ts';

/**
 * What the API server refuses in a custom resource by its structural schema. Rules in CEL (`x-kubernetes-validations`) are not run.
 */
export function validateCustom(object: Json, schema: Json | undefined): FieldError[] {
  const errors: FieldError[] = [];
  visit(object, schema, '', errors);
  return errors;
}

function visit(value: Json, schema: Json | undefined, path: string, errors: FieldError[]): void {
  if (!isJsonObject(schema)) return;
  if (value === null) {
    if (schema['nullable'] === true || schema['type'] === undefined) return;
    errors.push(typeError(path, value, schema));
    return;
  }
  if (!hasType(value, schema)) {
    errors.push(typeError(path, value, schema));
    return;
  }
  checkEnum(value, schema, path, errors);
  if (typeof value === 'string') checkText(value, schema, path, errors);
  else if (typeof value === 'number' || typeof value === 'bigint') checkNumber(value, schema, path, errors);
  else if (Array.isArray(value)) visitList(value, schema, path, errors);
  else if (isJsonObject(value)) visitMap(value, schema, path, errors);
  for (const part of listAt(schema, 'allOf')) visit(value, part, path, errors);
}

function hasType(value: Json, schema: JsonObject): boolean {
  if (schema['x-kubernetes-int-or-string'] === true) return ['integer', 'string'].includes(typeName(value));
  const found = typeName(value);
  switch (schema['type']) {
    case undefined:
      return true;
    case 'number':
      return found === 'number' || found === 'integer';
    default:
      return found === schema['type'];
  }
}

function typeError(path: string, value: Json, schema: JsonObject): FieldError {
  const wanted = schema['x-kubernetes-int-or-string'] === true ? 'integer or string' : textOf(schema['type']);
  return wrongType(path, value, `${path} in body must be of type ${wanted}: ${JSON.stringify(typeName(value))}`);
}

function checkEnum(value: Json, schema: JsonObject, path: string, errors: FieldError[]): void {
  const allowed = schema['enum'];
  if (!Array.isArray(allowed) || allowed.some((one) => equalJson(one, value))) return;
  errors.push(
    notSupported(
      path,
      value,
      allowed.map((one) => (typeof one === 'string' ? one : printJson(one))),
    ),
  );
}

function checkText(value: string, schema: JsonObject, path: string, errors: FieldError[]): void {
  const { pattern, minLength, maxLength } = schema;
  let length = 0;
  for (const _ of value) length += 1;
  if (typeof minLength === 'number' && length < minLength) {
    errors.push(invalidValue(path, value, `${path} in body should be at least ${minLength} chars long`));
  }
  if (typeof maxLength === 'number' && length > maxLength) {
    errors.push({
      field: path,
      reason: 'FieldValueTooLong',
      message: `Too long: may not be more than ${maxLength} bytes`,
    });
  }
  const expression = typeof pattern === 'string' ? compiled(pattern) : undefined;
  if (expression !== undefined && !expression.test(value)) {
    errors.push(invalidValue(path, value, `${path} in body should match '${textOf(pattern)}'`));
  }
}

const expressions = new Map<string, RegExp | undefined>();

/** Go's syntax differs in rare ways; what JavaScript cannot read is not checked. */
function compiled(pattern: string): RegExp | undefined {
  if (!expressions.has(pattern)) {
    let expression: RegExp | undefined;
    try {
      expression = new RegExp(pattern, 'u');
    } catch {
      expression = undefined;
    }
    expressions.set(pattern, expression);
  }
  return expressions.get(pattern);
}

function checkNumber(value: number | bigint, schema: JsonObject, path: string, errors: FieldError[]): void {
  const { minimum, maximum } = schema;
  if (typeof minimum === 'number' && (schema['exclusiveMinimum'] === true ? value <= minimum : value < minimum)) {
    const how = schema['exclusiveMinimum'] === true ? 'greater than' : 'greater than or equal to';
    errors.push(invalidValue(path, value, `${path} in body should be ${how} ${minimum}`));
  }
  if (typeof maximum === 'number' && (schema['exclusiveMaximum'] === true ? value >= maximum : value > maximum)) {
    const how = schema['exclusiveMaximum'] === true ? 'less than' : 'less than or equal to';
    errors.push(invalidValue(path, value, `${path} in body should be ${how} ${maximum}`));
  }
}

function visitList(value: readonly Json[], schema: JsonObject, path: string, errors: FieldError[]): void {
  const { minItems, maxItems } = schema;
  if (typeof minItems === 'number' && value.length < minItems) {
    errors.push(invalidValue(path, value.length, `${path} in body should have at least ${minItems} items`));
  }
  if (typeof maxItems === 'number' && value.length > maxItems) {
    const message = `Too many: ${value.length}: must have at most ${maxItems} items`;
    errors.push({ field: path, reason: 'FieldValueTooMany', message });
  }
  const keys = listAt(schema, 'x-kubernetes-list-map-keys').filter((key) => typeof key === 'string');
  const seen: Json[] = [];
  for (const [index, item] of value.entries()) {
    visit(item, schema['items'], `${path}[${index}]`, errors);
    const identity = schema['x-kubernetes-list-type'] === 'set' ? item : keyOf(item, keys);
    if (identity === undefined) continue;
    if (seen.some((one) => equalJson(one, identity))) errors.push(duplicate(`${path}[${index}]`, identity));
    seen.push(identity);
  }
}

function keyOf(item: Json, keys: readonly string[]): Json | undefined {
  if (keys.length === 0) return undefined;
  return Object.fromEntries(keys.flatMap((key) => [[key, field(item, key) ?? null]]));
}

function visitMap(value: JsonObject, schema: JsonObject, path: string, errors: FieldError[]): void {
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
  for (const name of listAt(schema, 'required')) {
    if (typeof name === 'string' && !Object.hasOwn(value, name)) errors.push(required(at(name)));
  }
  const { properties, additionalProperties: additional, minProperties, maxProperties } = schema;
  const count = Object.keys(value).length;
  if (typeof minProperties === 'number' && count < minProperties) {
    errors.push(invalidValue(path, count, `${path} in body should have at least ${minProperties} properties`));
  }
  if (typeof maxProperties === 'number' && count > maxProperties) {
    const message = `Too many: ${count}: must have at most ${maxProperties} items`;
    errors.push({ field: path, reason: 'FieldValueTooMany', message });
  }
  for (const name of Object.keys(value)) {
    if (path === '' && ['apiVersion', 'kind', 'metadata'].includes(name)) continue;
    const property = field(properties, name) ?? (isJsonObject(additional) ? additional : undefined);
    if (property !== undefined) visit(value[name] as Json, property, at(name), errors);
  }
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
