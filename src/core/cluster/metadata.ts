import { type Json, type JsonObject, field, isJsonObject, listAt, stringAt } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';

/** Letters and digits of generated names: no vowels, so that no words come about. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Five characters for `generateName`. */
export function randomSuffix(random: () => number, length = 5): string {
  return Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)] ?? 'x').join('');
}

/** A random UUID (version 4). */
export function randomUid(random: () => number): string {
  const bytes = Array.from({ length: 16 }, () => Math.floor(random() * 256));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** RFC 3339 with seconds, as metadata holds times. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** ObjectMeta as Go stores it: without nulls and without empty maps and lists. */
export function withStoredMetadata(object: KubeObject): KubeObject {
  const entries = Object.entries(object.metadata);
  const kept = entries.filter(([, value]) => !isEmpty(value));
  return kept.length === entries.length ? object : { ...object, metadata: Object.fromEntries(kept) };
}

function isEmpty(value: Json): boolean {
  if (value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isJsonObject(value) && Object.keys(value).length === 0;
}

export function withMetadata<T extends KubeObject>(object: T, changes: JsonObject): T {
  return { ...object, metadata: { ...object.metadata, ...changes } };
}

export function withoutMetadata<T extends KubeObject>(object: T, ...names: readonly string[]): T {
  const metadata = Object.fromEntries(Object.entries(object.metadata).filter(([name]) => !names.includes(name)));
  return { ...object, metadata };
}

export function uidOf(object: KubeObject): string {
  return stringAt(object, 'metadata', 'uid') ?? '';
}

export function finalizersOf(object: KubeObject): string[] {
  return listAt(object, 'metadata', 'finalizers').filter((item) => typeof item === 'string');
}

export function isDeleting(object: KubeObject): boolean {
  return field(object.metadata, 'deletionTimestamp') !== undefined;
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller: boolean;
  blockOwnerDeletion: boolean;
}

export function ownersOf(object: KubeObject): OwnerReference[] {
  return listAt(object, 'metadata', 'ownerReferences').map((owner) => ({
    apiVersion: stringAt(owner, 'apiVersion') ?? '',
    kind: stringAt(owner, 'kind') ?? '',
    name: stringAt(owner, 'name') ?? '',
    uid: stringAt(owner, 'uid') ?? '',
    controller: field(owner, 'controller') === true,
    blockOwnerDeletion: field(owner, 'blockOwnerDeletion') === true,
  }));
}

/** The reference by which a controller's object belongs to its owner. */
export function controllerReference(owner: KubeObject): JsonObject {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata['name'] ?? '',
    uid: uidOf(owner),
    controller: true,
    blockOwnerDeletion: true,
  };
}

export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  const uid = uidOf(owner);
  return ownersOf(object).some((reference) => reference.controller && reference.uid === uid);
}
