import type { KubeObject } from '../kube/objectKey.ts';
import { cloneJson, fieldAt, listAt, stringAt } from '../json.ts';

/** Label of every member; its value is the set's id. */
export const applySetMemberLabel = 'applyset.kubernetes.io/part-of';
const idLabel = 'applyset.kubernetes.io/id';
const toolingAnnotation = 'applyset.kubernetes.io/tooling';
const kindsAnnotation = 'applyset.kubernetes.io/contains-group-kinds';
const namespacesAnnotation = 'applyset.kubernetes.io/additional-namespaces';

/** The object that stands for an application's inventory: a Secret's name would be secret for no reason, so it is a ConfigMap. */
export interface ApplySetParent {
  name: string;
  namespace: string;
}

/** The text whose SHA-256 (base64url, no padding) makes the id `applyset-<hash>-v1` (KEP-3659, semantics P-10). */
export function applySetIdSource(parent: ApplySetParent): string {
  return `${parent.name}.${parent.namespace}.ConfigMap.`;
}

/** A group and kind as the annotation writes it: `Deployment.apps`, `ConfigMap`. */
export function groupKindText(kind: { group: string; kind: string }): string {
  return kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
}

export function readGroupKind(text: string): { group: string; kind: string } {
  const dot = text.indexOf('.');
  return dot === -1 ? { group: '', kind: text } : { group: text.slice(dot + 1), kind: text.slice(0, dot) };
}

export interface ApplySetContents {
  id: string;
  tooling: string;
  kinds: readonly { group: string; kind: string }[];
  /** Namespaces of members besides the parent's own. */
  namespaces: readonly string[];
}

/** The parent object for these contents, to be applied before the first member and again after the last prune. */
export function applySetParentObject(parent: ApplySetParent, contents: ApplySetContents): KubeObject {
  const namespaces = contents.namespaces.filter((namespace) => namespace !== '' && namespace !== parent.namespace);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: parent.name,
      namespace: parent.namespace,
      labels: { [idLabel]: contents.id },
      annotations: {
        [toolingAnnotation]: contents.tooling,
        [kindsAnnotation]: [...new Set(contents.kinds.map(groupKindText))].sort().join(','),
        ...(namespaces.length === 0 ? {} : { [namespacesAnnotation]: [...new Set(namespaces)].sort().join(',') }),
      },
    },
  };
}

/** What a parent object says; undefined where the object is no ApplySet. */
export function readApplySet(parent: KubeObject): ApplySetContents | undefined {
  const id = stringAt(parent, 'metadata', 'labels', idLabel);
  if (id === undefined) return undefined;
  const list = (name: string): string[] =>
    (stringAt(parent, 'metadata', 'annotations', name) ?? '').split(',').filter((item) => item !== '');
  return {
    id,
    tooling: stringAt(parent, 'metadata', 'annotations', toolingAnnotation) ?? '',
    kinds: list(kindsAnnotation).map(readGroupKind),
    namespaces: list(namespacesAnnotation),
  };
}

/** The object as a member of the set. */
export function withMembership(object: KubeObject, setId: string): KubeObject {
  const copy = cloneJson(object);
  const labels = copy.metadata['labels'];
  const own = typeof labels === 'object' && labels !== null && !Array.isArray(labels) ? labels : {};
  copy.metadata['labels'] = { ...own, [applySetMemberLabel]: setId };
  return copy;
}

/** Whether an object is owned by a controller: such objects are never a member's to prune (semantics appendix 1, row 26). */
export function isControlled(object: KubeObject): boolean {
  return listAt(object, 'metadata', 'ownerReferences').some((reference) => fieldAt(reference, 'controller') === true);
}
