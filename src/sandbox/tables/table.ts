import type { IncomingMessage } from 'node:http';
import type { ServedKind } from '../../core/cluster/servedKind.ts';
import { storageKeyOf } from '../../core/cluster/servedKind.ts';
import type { JsonObject } from '../../core/json.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import { type Column, ageColumn, nameColumn } from './column.ts';
import { customColumns } from './customColumns.ts';
import { otherColumns } from './otherColumns.ts';
import { workloadColumns } from './workloadColumns.ts';

/** Whether the client wants rows for people, as `kubectl get` does. */
export function isTableRequest(request: IncomingMessage): boolean {
  const [first = ''] = (request.headers.accept ?? '').split(',');
  return first.includes('as=Table');
}

function columnsOf(kind: ServedKind): readonly Column[] {
  if (kind.custom !== undefined) return customColumns(kind);
  const key = storageKeyOf(kind);
  return workloadColumns[key] ?? otherColumns[key] ?? [nameColumn, ageColumn];
}

/** Objects as rows. `include` says what of each object goes along: `None`, `Object`, or its metadata. */
export function tableOf(
  kind: ServedKind,
  objects: readonly KubeObject[],
  now: Date,
  options: { metadata: JsonObject; include: string },
): JsonObject {
  const columns = columnsOf(kind);
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: options.metadata,
    columnDefinitions: columns.map(({ name, type, format, priority }) => ({
      name,
      type,
      format,
      description: '',
      priority,
    })),
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.value(object, now)),
      ...(options.include === 'None' ? {} : { object: partOf(object, options.include) }),
    })),
  };
}

function partOf(object: KubeObject, include: string): JsonObject {
  if (include === 'Object') return object;
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}
