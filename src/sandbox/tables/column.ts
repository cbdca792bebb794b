import type { Json } from '../../core/json.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import { ageOf } from './age.ts';

export interface Column {
  name: string;
  type: 'string' | 'integer' | 'boolean' | 'date' | 'number';
  format: string;
  /** 0: always shown; higher: by `kubectl get -o wide` alone. */
  priority: number;
  value(object: KubeObject, now: Date): Json;
}

export function text(name: string, value: Column['value'], priority = 0): Column {
  return { name, type: 'string', format: '', priority, value };
}

export function wide(name: string, value: Column['value']): Column {
  return text(name, value, 1);
}

export function count(name: string, value: Column['value']): Column {
  return { name, type: 'integer', format: '', priority: 0, value };
}

export const nameColumn: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  priority: 0,
  value: (object) => object.metadata['name'] ?? '',
};

export const ageColumn: Column = text('Age', (object, now) => ageOf(object.metadata['creationTimestamp'], now));
