import { type Json, type JsonObject, isJsonObject } from '../json.ts';
import { parseJson } from '../jsonText.ts';
import { type FieldSet, emptyFieldSet, fieldSetNode, leafFieldSet } from './fieldSet.ts';
import { type PathElement, normalElement } from '../schema/pathElement.ts';

/**
 * Reads the `fieldsV1` of a managedFields entry (semantics M-20), also where live objects hold it as the text of its JSON, to save
 * memory; undefined where it is not in that format.
 */
export function readFieldsV1(value: Json | undefined): FieldSet | undefined {
  if (value === undefined || value === null) return emptyFieldSet;
  if (typeof value === 'string') return readText(value);
  return isJsonObject(value) ? readNode(value, false) : undefined;
}

/** Writes a set as `fieldsV1`: `.` first, then the elements sorted by code unit, so that equal sets are equal texts. */
export function writeFieldsV1(set: FieldSet): JsonObject {
  return writeNode(set, false);
}

function readText(text: string): FieldSet | undefined {
  try {
    const value = parseJson(text);
    return isJsonObject(value) ? readNode(value, false) : undefined;
  } catch {
    return undefined;
  }
}

function readNode(value: JsonObject, memberByParent: boolean): FieldSet | undefined {
  let member = memberByParent;
  const children = new Map<PathElement, FieldSet>();
  for (const key in value) {
    if (key === '.') {
      member = true;
      continue;
    }
    const element = normalElement(key);
    const below = value[key];
    if (element === undefined || !isJsonObject(below)) return undefined;
    const child = isEmptyObject(below) ? leafFieldSet : readNode(below, false);
    if (child === undefined) return undefined;
    children.set(element, child);
  }
  return fieldSetNode(member, children);
}

function isEmptyObject(value: JsonObject): boolean {
  for (const key in value) if (Object.hasOwn(value, key)) return false;
  return true;
}

function writeNode(node: FieldSet, writeMember: boolean): JsonObject {
  const out: JsonObject = {};
  if (node.children === undefined) return out;
  if (writeMember && node.member) out['.'] = {};
  for (const element of [...node.children.keys()].sort()) {
    out[element] = writeNode(node.children.get(element) ?? emptyFieldSet, true);
  }
  return out;
}
