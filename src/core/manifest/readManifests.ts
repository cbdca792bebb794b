import { type Json, type JsonObject, field, isJsonObject, stringAt } from '../json.ts';
import { type KubeObject, isKubeObject } from '../kube/objectKey.ts';
import type { Span } from '../text/span.ts';
import { type YamlDocument, readYaml } from './readYaml.ts';
import type { YamlProfile } from './scalars.ts';
import { type TextProblem, textError } from './textProblem.ts';

export type { YamlProfile } from './scalars.ts';
export type { TextProblem } from './textProblem.ts';

/** An object of a manifest file, and which part of the text it is. */
export interface ManifestDocument {
  object: KubeObject;
  /** Which document of the stream, from 0, empty ones counted. */
  documentIndex: number;
  /** Which item, where the document is a list of objects. */
  itemIndex?: number;
  span: Span;
}

export interface ReadOptions {
  profile: YamlProfile;
  /** Texts longer than this are refused as `too-large`; 32 MB unless told. */
  maxBytes?: number;
}

/**
 * The Kubernetes objects of a YAML or JSON file. Lists of objects are taken apart (semantics Y-9); kustomize's own configuration and
 * what does not look like a manifest is passed over in silence, a manifest without name or kind is a problem (semantics Y-10).
 * Never throws; what cannot be read is a problem and the rest is still there.
 */
export function readManifests(
  text: string,
  options: ReadOptions,
): { documents: ManifestDocument[]; problems: TextProblem[] } {
  const read = readYaml(text, options);
  const documents: ManifestDocument[] = [];
  const problems = [...read.problems];
  for (const document of read.documents) {
    for (const candidate of candidatesOf(document)) {
      const { object, ...place } = candidate;
      if (isKubeObject(object) && isNamed(object)) documents.push({ object, ...place });
      else {
        const fault = faultOf(object, place.itemIndex);
        if (fault !== undefined) problems.push(textError('invalid-object', fault.message, place.span, fault.remedy));
      }
    }
  }
  return { documents, problems };
}

/** All documents of a YAML or JSON file, whatever they are: values files, kustomizations. Empty documents are left out. Never throws. */
export function readYamlValues(text: string, options: ReadOptions): { values: Json[]; problems: TextProblem[] } {
  const { documents, problems } = readYaml(text, options);
  return { values: documents.map((document) => document.value).filter((value) => value !== null), problems };
}

type Candidate = Omit<ManifestDocument, 'object'> & { object: Json };

function candidatesOf(document: YamlDocument): Candidate[] {
  const { value, index: documentIndex, span } = document;
  const kind = stringAt(value, 'kind');
  const items = field(value, 'items');
  if (kind === undefined || !kind.endsWith('List') || !Array.isArray(items))
    return [{ object: value, documentIndex, span }];
  return items.map((item, itemIndex) => ({
    object: withListKind(item, kind, stringAt(value, 'apiVersion')),
    documentIndex,
    itemIndex,
    span: document.items[itemIndex] ?? span,
  }));
}

/** Items of a typed list (`RoleList`) may leave out what the list's own kind says. */
function withListKind(item: Json, listKind: string, apiVersion: string | undefined): Json {
  const kind = listKind.slice(0, -'List'.length);
  if (!isJsonObject(item) || kind === '' || field(item, 'kind') !== undefined || apiVersion === undefined) return item;
  const named: JsonObject = { apiVersion, kind };
  return Object.assign(named, item);
}

function isNamed(object: KubeObject): boolean {
  return object.apiVersion !== '' && object.kind !== '' && object.metadata['name'] !== '' && !isKustomizeConfig(object);
}

/** A file that configures kustomize is never an object (semantics Y-10); kustomize itself lets it leave out the apiVersion. */
function isKustomizeConfig(object: Json): boolean {
  const apiVersion = stringAt(object, 'apiVersion');
  if (apiVersion !== undefined) return apiVersion.startsWith('kustomize.config.k8s.io/');
  return ['Kustomization', 'Component'].includes(stringAt(object, 'kind') ?? '');
}

function faultOf(object: Json, itemIndex: number | undefined): { message: string; remedy: string } | undefined {
  const apiVersion = field(object, 'apiVersion');
  const kind = field(object, 'kind');
  if (itemIndex === undefined && apiVersion === undefined && kind === undefined) return undefined;
  if (isKustomizeConfig(object)) return undefined;
  const what = itemIndex === undefined ? 'The object' : `Item ${itemIndex + 1} of the list`;
  if (!isJsonObject(object))
    return { message: `${what} is not a map`, remedy: 'Write an object with apiVersion, kind and metadata.' };
  const missing = [...lackOf('apiVersion', apiVersion), ...lackOf('kind', kind)];
  const metadata = field(object, 'metadata');
  const name = field(metadata, 'name');
  if (missing.length === 0 && name === undefined && field(metadata, 'generateName') !== undefined) {
    const message = `${stringAt(object, 'kind') ?? what} has only a generateName, so its place in a cluster is not known`;
    return { message, remedy: 'Give it a metadata.name.' };
  }
  missing.push(...lackOf('metadata.name', name));
  const named = typeof kind === 'string' && kind !== '' ? kind : what;
  return {
    message: `${named} has no usable ${missing.join(', ')}`,
    remedy: 'Add what is missing; quote it where it is a number.',
  };
}

function lackOf(field: string, value: Json | undefined): string[] {
  return typeof value === 'string' && value !== '' ? [] : [field];
}
