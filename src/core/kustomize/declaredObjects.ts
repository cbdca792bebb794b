import { type Document, type Node, isMap, isSeq } from 'yaml';
import type { GraphFile } from './graph.ts';
import type { DocumentId } from './site.ts';
import { childOf, itemsOf, parseYamlTree, stringOf } from './yamlTree.ts';

/** An object in a file, and the document that it stands in. */
export interface DeclaredObject {
  id: DocumentId;
  node: Node;
  document: Document.Parsed;
}

/** The objects that a file of resources declares: one a document, or the items of a list. */
export function declaredObjects(file: Pick<GraphFile, 'path' | 'text'>): DeclaredObject[] {
  return parseYamlTree(file.text).documents.flatMap((document, index): DeclaredObject[] => {
    const top = document.contents;
    if (!isMap(top)) return [];
    const kind = stringOf(childOf(top, 'kind', document)) ?? '';
    const items = childOf(top, 'items', document);
    if (kind.endsWith('List') && isSeq(items)) {
      return itemsOf(items).map((node, item) => ({
        node,
        document,
        id: { ...idOf(node, file.path, document, index), item },
      }));
    }
    return [{ node: top, document, id: idOf(top, file.path, document, index) }];
  });
}

function idOf(node: Node, file: string, document: Document.Parsed, index: number): DocumentId {
  const text = (...steps: string[]): string => {
    let at: Node | undefined = node;
    for (const step of steps) at = childOf(at, step, document);
    return stringOf(at) ?? '';
  };
  const apiVersion = text('apiVersion');
  const slash = apiVersion.indexOf('/');
  return {
    file,
    index,
    group: slash === -1 ? '' : apiVersion.slice(0, slash),
    kind: text('kind'),
    name: text('metadata', 'name'),
    namespace: text('metadata', 'namespace'),
  };
}
