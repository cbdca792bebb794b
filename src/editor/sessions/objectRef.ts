import { type ObjectKey, keyText } from '../../core/kube/objectKey.ts';
import type { ObjectReport } from '../../core/report.ts';

/** Names an object of a report; what commands, links and virtual documents carry. */
export interface ObjectRef {
  root: string;
  context: string;
  application: string;
  key: ObjectKey;
  /** The field in question, as in FieldChange.path. */
  path?: string;
}

export function keyOfReport(object: ObjectReport): ObjectKey {
  return { group: object.group, kind: object.kind, namespace: object.namespace, name: object.name };
}

/** Stable between snapshots, unique in the view. */
export function refId(ref: ObjectRef): string {
  const parts = [ref.root, ref.context, ref.application, keyText(ref.key)];
  return (ref.path === undefined ? parts : [...parts, ref.path]).join('\n');
}

/** A ref from outside (a link, a document's address); undefined where it is none. */
export function parseRef(value: unknown): ObjectRef | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { root, context, application, key, path } = value as Record<string, unknown>;
  if (typeof root !== 'string' || typeof context !== 'string' || typeof application !== 'string') return undefined;
  if (typeof key !== 'object' || key === null) return undefined;
  const { group, kind, namespace, name } = key as Record<string, unknown>;
  if ([group, kind, namespace, name].some((part) => typeof part !== 'string')) return undefined;
  const parsed = { root, context, application, key: { group, kind, namespace, name } as ObjectKey };
  return typeof path === 'string' ? { ...parsed, path } : parsed;
}
