import type { Application } from '../../core/delivery/application.ts';
import { stringAt } from '../../core/json.ts';
import {
  type KubeObject,
  apiVersionOf,
  describeKey,
  groupVersionKindOf,
  keyText,
  nameOf,
  namespaceOf,
} from '../../core/kube/objectKey.ts';
import type { Problem } from '../../core/problem.ts';
import type { ApiResource, Discovery } from '../../ports/cluster.ts';
import type { RenderedObject } from '../../ports/renderer.ts';
import type { DeclaredTarget } from './target.ts';

export interface IdentifyOptions {
  discovery: Discovery;
  /** Given to namespaced objects without one; `default` as kubectl does where nothing else is known. */
  defaultNamespace: string;
  /** Lower-case kinds to leave out. */
  skipKinds: ReadonlySet<string>;
}

/**
 * Gives each rendered object its identity in the cluster: the scope of its kind, the default namespace (semantics I-1, I-2, I-4).
 * What the cluster does not serve, and what stands twice in one application, is a problem, and the rest goes on.
 */
export function identifyTargets(
  application: Application,
  rendered: readonly RenderedObject[],
  options: IdentifyOptions,
): { targets: DeclaredTarget[]; problems: Problem[] } {
  const resources = resourceIndex(options.discovery);
  const kindsToCome = kindsOfDefinitions(rendered);
  const targets = new Map<string, DeclaredTarget>();
  const problems: Problem[] = [];
  for (const item of rendered) {
    const { object } = item;
    if (options.skipKinds.has(object.kind.toLowerCase())) continue;
    const gvk = groupVersionKindOf(object);
    const resource = resources.get(`${object.apiVersion}/${object.kind}`);
    const comes = kindsToCome.get(`${gvk.group}/${gvk.kind}`);
    if (resource === undefined && comes === undefined) {
      problems.push(unknownKind(application, item, options.discovery));
      continue;
    }
    const namespaced = resource?.namespaced ?? comes === 'Namespaced';
    const written = namespaceOf(object);
    const namespace = namespaced ? (written === '' ? options.defaultNamespace : written) : '';
    const key = { group: gvk.group, kind: gvk.kind, namespace, name: nameOf(object) };
    if (targets.has(keyText(key))) {
      problems.push({
        code: 'duplicate-object',
        severity: 'warning',
        message: `${describeKey(key)} stands twice in ${application.name}; the last one counts.`,
        remedy: 'Keep one of the two.',
        application: application.id,
        object: key,
        ...(item.file === undefined ? {} : { location: { file: item.file, via: 'manifest' } }),
      });
    }
    const placed = written === namespace ? item : placedIn(item, namespace);
    targets.set(keyText(key), { application, rendered: placed, key, version: gvk.version, resource });
  }
  return { targets: [...targets.values()], problems };
}

/** Looks a kind up as it is written: `apps/v1/Deployment`. */
function resourceIndex(discovery: Discovery): Map<string, ApiResource> {
  return new Map(discovery.resources.map((resource) => [`${apiVersionOf(resource)}/${resource.kind}`, resource]));
}

/** Kinds that CustomResourceDefinitions of the same source bring with them, with their scope. */
function kindsOfDefinitions(rendered: readonly RenderedObject[]): Map<string, string> {
  const kinds = new Map<string, string>();
  for (const { object } of rendered) {
    if (object.kind !== 'CustomResourceDefinition') continue;
    const kind = stringAt(object, 'spec', 'names', 'kind');
    const group = stringAt(object, 'spec', 'group');
    if (kind !== undefined && group !== undefined) {
      kinds.set(`${group}/${kind}`, stringAt(object, 'spec', 'scope') ?? 'Namespaced');
    }
  }
  return kinds;
}

function unknownKind(application: Application, item: RenderedObject, discovery: Discovery): Problem {
  const { object } = item;
  const gvk = groupVersionKindOf(object);
  const otherVersions = discovery.resources
    .filter((resource) => resource.group === gvk.group && resource.kind === gvk.kind)
    .map((resource) => resource.version);
  const served = otherVersions.length > 0;
  return {
    code: 'unknown-kind',
    severity: 'error',
    message: `${object.kind} ${nameOf(object)} was not checked: the cluster does not serve ${object.apiVersion} ${object.kind}.`,
    remedy: served
      ? `Write it in a version that the cluster serves: ${otherVersions.join(', ')}.`
      : 'Install the CustomResourceDefinition that brings this kind, or choose another cluster.',
    application: application.id,
    object: { group: gvk.group, kind: gvk.kind, namespace: namespaceOf(object), name: nameOf(object) },
    ...(item.file === undefined ? {} : { location: { file: item.file, via: 'manifest' } }),
  };
}

const placedObjects = new WeakMap<RenderedObject, RenderedObject>();

/** The same value for the same document, so that what is known of it stays known when it is rendered again. */
function placedIn(item: RenderedObject, namespace: string): RenderedObject {
  const known = placedObjects.get(item);
  if (known !== undefined && namespaceOf(known.object) === namespace) return known;
  const placed = { ...item, object: withNamespace(item.object, namespace) };
  placedObjects.set(item, placed);
  return placed;
}

/** The API server drops a namespace from a cluster-scoped object (semantics I-2). */
function withNamespace(object: KubeObject, namespace: string): KubeObject {
  const { namespace: _dropped, ...metadata } = object.metadata;
  return { ...object, metadata: namespace === '' ? metadata : { ...metadata, namespace } };
}
