import { parseAllDocuments } from 'yaml';
import { type KubeObject, isKubeObject } from '../../core/kube/objectKey.ts';
import type { Json } from '../../core/json.ts';

export function builtObjects(text: string): KubeObject[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Json)
    .filter(isKubeObject);
}
