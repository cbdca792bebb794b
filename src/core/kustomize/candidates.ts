import type { Json } from '../json.ts';
import { type KubeObject, groupVersionKindOf, nameOf, namespaceOf } from '../kube/objectKey.ts';
import { fieldsOf } from './leaves.ts';
import type { DocumentId, Site } from './site.ts';
import type { YamlPath } from './yamlTree.ts';
import { decodeBytes, utf8Bytes } from '../text/base64.ts';

/** A scalar (or empty map or list) of a rendered object whose deciding place is asked for. */
export interface LeafQuestion {
  object: KubeObject;
  /** Way in the rendered object, with positions. */
  path: YamlPath;
  value: Json;
  /** The document that the object was made from, where it is known. */
  origin: DocumentId | undefined;
}

/** `near`: places that fit the field; `wide`: any place with the value, as replacements carry it anywhere. */
export type Reach = 'near' | 'wide';

export function candidatesOf(question: LeafQuestion, sites: readonly Site[], reach: Reach): Site[] {
  const fields = fieldsOf(question.path);
  return sites.filter((site) => {
    if (reach === 'wide') return fits(question, site, true);
    if (!leadsTo(site, fields)) return false;
    if (site.document !== undefined && !mayBeOrigin(site.document, question)) return false;
    // A generator's key says enough; so does the very place in the very document, whatever notation the value is in.
    if (site.via === 'generator') return true;
    return (
      fits(question, site, site.partial ?? false) || (site.document !== undefined && samePath(site.path, question.path))
    );
  });
}

function mayBeOrigin(document: DocumentId, { object, origin }: LeafQuestion): boolean {
  if (origin !== undefined) return sameDocument(document, origin);
  return document.kind === object.kind && document.group === groupVersionKindOf(object).group;
}

function leadsTo(site: Site, fields: readonly string[]): boolean {
  if (site.anchored) {
    return site.fields.length === fields.length && site.fields.every((name, index) => name === fields[index]);
  }
  const offset = fields.length - site.fields.length;
  return offset >= 0 && site.fields.every((name, index) => name === fields[offset + index]);
}

function samePath(a: YamlPath | undefined, b: YamlPath): boolean {
  return a !== undefined && a.length === b.length && a.every((step, index) => step === b[index]);
}

export function sameDocument(a: DocumentId, b: DocumentId): boolean {
  return a.file === b.file && a.index === b.index && a.item === b.item;
}

/**
 * Whether the site's value is the rendered one, however each is written, or (`part`) a part of it. A site that does not fit can only
 * decide by being written in a notation that is not known here.
 */
export function fits(question: LeafQuestion, site: Site, part: boolean): boolean {
  const { value } = question;
  if (isContainer(value) || isContainer(site.value)) {
    return isContainer(value) && isContainer(site.value) && Array.isArray(value) === Array.isArray(site.value);
  }
  const own = String(site.value);
  const rendered = String(value);
  if (own === rendered) return true;
  if (sameNumber(rendered, own)) return true;
  if (isEncoded(question)) {
    const decoded = decodeBytes(rendered);
    const bytes = utf8Bytes(own);
    return decoded === bytes || (part && bytes.length > 2 && decoded?.includes(bytes) === true);
  }
  if (part) return own.length > 0 && rendered.includes(own);
  // Names of generated objects have a hash behind them, prefixes and suffixes around them.
  return typeof value === 'string' && own.length > 2 && rendered.includes(own) && isNameLike(rendered);
}

function isContainer(value: Json): value is Json[] | Record<string, Json> {
  return typeof value === 'object' && value !== null;
}

function isNameLike(text: string): boolean {
  return text.length <= 253 && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(text);
}

/** `0644`, `0o644` and `1_000` are numbers to Go (semantics Y-2); `1.0` and `1` are the same one. */
function sameNumber(rendered: string, own: string): boolean {
  if (!/^-?[\d.]/.test(rendered)) return false;
  const plain = own
    .replaceAll('_', '')
    .replace(/^([-+]?)0o?(?=[0-7]+$)/, '$10o')
    .replace(/^\+/, '');
  const number = Number(plain);
  return plain !== '' && !Number.isNaN(number) && number === Number(rendered);
}

/** Data of Secrets, and binary data, are base64 in the rendered object. */
export function isEncoded(question: Pick<LeafQuestion, 'object' | 'path'>): boolean {
  const [first] = question.path;
  return first === 'binaryData' || (first === 'data' && question.object.kind === 'Secret');
}

const hashSuffix = /-[a-z0-9]{10}$/;

/** Documents that a rendered object may have been made from, the likeliest alone where one is certain. */
export function originsOf(object: KubeObject, declared: readonly DocumentId[]): DocumentId[] {
  const { group, kind } = groupVersionKindOf(object);
  const name = nameOf(object);
  const sameKind = declared.filter((id) => id.group === group && id.kind === kind);
  const sameName = sameKind.filter((id) => id.name === name);
  const namespace = namespaceOf(object);
  const exact = sameName.filter((id) => id.namespace === namespace);
  if (exact.length === 1) return exact;
  if (sameName.length > 0) return sameName;
  return sameKind.filter((id) => id.name !== '' && name.includes(id.name));
}

/**
 * The object in another build of the same source: a generated name may have another hash by now, and the object may have got the
 * namespace that it has in the cluster, or lost one that its kind does not have (semantics I-2).
 */
export function twinOf(object: KubeObject, built: readonly KubeObject[]): KubeObject | undefined {
  const gvk = groupVersionKindOf(object);
  const namespace = namespaceOf(object);
  const sameKind = built.filter((other) => {
    const theirs = groupVersionKindOf(other);
    return theirs.group === gvk.group && theirs.kind === gvk.kind;
  });
  const isPlaced = (other: KubeObject): boolean => namespaceOf(other) === namespace;
  return (
    alikeByName(object, sameKind.filter(isPlaced)) ??
    alikeByName(
      object,
      sameKind.filter((other) => !isPlaced(other) && (namespace === '' || namespaceOf(other) === '')),
    )
  );
}

function alikeByName(object: KubeObject, others: readonly KubeObject[]): KubeObject | undefined {
  const exact = others.find((other) => nameOf(other) === nameOf(object));
  if (exact) return exact;
  const stem = nameOf(object).replace(hashSuffix, '');
  const hashed = others.filter((other) => nameOf(other).replace(hashSuffix, '') === stem);
  return hashed.length === 1 ? hashed[0] : undefined;
}
