import { type Document, isMap, isScalar, isSeq } from 'yaml';
import { type Json, type JsonObject, isJsonObject } from '../json.ts';
import { printJson } from '../jsonText.ts';
import { LineIndex } from '../text/lineIndex.ts';
import type { TextEdit } from '../text/span.ts';
import { childOf, itemsOf, pairOf, parseYamlTree, spanOf, stringOf } from './yamlTree.ts';

/** A kustomization with fields of the engine laid over it. */
export interface OverlaidText {
  text: string;
  /** Where a place of the text stands in the original; undefined for what the engine brought. */
  originalOffset(offset: number): number | undefined;
}

/** Lists whose entries of the same name replace each other; of other lists all entries count. */
const byName = new Set(['images', 'replicas']);

/**
 * Lays fields over a kustomization as text, so that everything else keeps its place. Undefined where the text is no kustomization; the
 * scan of the graph says why. Flux and Argo CD do the same to the file before they build it (semantics F-2).
 */
export function overlayText(original: string, overlay: JsonObject): OverlaidText | undefined {
  const { documents, issues } = parseYamlTree(original);
  const document = documents[0];
  if (issues.length > 0 || documents.length > 1) return undefined;
  if (document !== undefined && !isMap(document.contents)) return undefined;
  const edits: TextEdit[] = [];
  const appended: string[] = [];
  for (const [key, value] of Object.entries(overlay)) {
    if (document === undefined || pairOf(document.contents, key) === undefined)
      appended.push(`${key}: ${printJson(value)}\n`);
    else edits.push(...editsOf(original, document, key, value));
  }
  const end = original.length;
  const lead = original === '' || original.endsWith('\n') ? '' : '\n';
  if (appended.length > 0) edits.push({ span: { start: end, end }, newText: lead + appended.join('') });
  return applied(original, edits);
}

/** A kustomization where there is none: all the resources, and the engine's fields. */
export function generatedText(resources: readonly string[], overlay: JsonObject): OverlaidText {
  const fields: JsonObject = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    ...overlay,
    resources: [...resources],
  };
  return { text: `${printJson(fields, 2)}\n`, originalOffset: () => undefined };
}

function editsOf(text: string, document: Document.Parsed, key: string, value: Json): TextEdit[] {
  const node = childOf(document.contents, key, document);
  const span = node && spanOf(node);
  if (node === undefined || !span) return [];
  if (!Array.isArray(value)) return [{ span, newText: `${span.start === span.end ? ' ' : ''}${printJson(value)}` }];
  if (isScalar(node) || (isSeq(node) && node.items.length === 0)) {
    // An empty list, written or not; `key:` alone has no room of its own.
    return [{ span, newText: `${span.start === span.end ? ' ' : ''}${printJson(value)}` }];
  }
  if (!isSeq(node)) return [];
  const edits: TextEdit[] = [];
  const added: Json[] = [];
  for (const entry of byName.has(key) ? lastOfEachName(value) : value) {
    const name = byName.has(key) && isJsonObject(entry) ? entry['name'] : undefined;
    const same = itemsOf(node).find((item) => name !== undefined && stringOf(childOf(item, 'name', document)) === name);
    const itemSpan = same && spanOf(same);
    if (!itemSpan) added.push(entry);
    else edits.push({ span: itemSpan, newText: ended(printJson(entry), text.slice(itemSpan.start, itemSpan.end)) });
  }
  if (added.length === 0) return edits;
  if (node.flow === true) {
    const at = span.end - 1;
    edits.push({ span: { start: at, end: at }, newText: added.map((entry) => `, ${printJson(entry)}`).join('') });
    return edits;
  }
  const start = new LineIndex(text).positionAt(span.start);
  const margin = ' '.repeat(start.column - 1);
  // The place after the last item; what follows an item belongs to the next line.
  const body = text.slice(span.start, span.end).trimEnd();
  const at = span.start + body.length;
  edits.push({
    span: { start: at, end: at },
    newText: added.map((entry) => `\n${margin}- ${printJson(entry)}`).join(''),
  });
  return edits;
}

function lastOfEachName(entries: readonly Json[]): Json[] {
  const last = new Map<Json | undefined, Json>();
  for (const entry of entries) last.set(isJsonObject(entry) ? entry['name'] : entry, entry);
  return [...last.values()];
}

/** What a block replaces ends as it did, or the next line would be joined to it. */
function ended(newText: string, old: string): string {
  return newText + old.slice(old.trimEnd().length);
}

function applied(original: string, edits: readonly TextEdit[]): OverlaidText {
  const kept: { start: number; original: number; length: number }[] = [];
  let text = '';
  let from = 0;
  const keep = (to: number): void => {
    kept.push({ start: text.length, original: from, length: to - from });
    text += original.slice(from, to);
  };
  for (const { span, newText } of edits.toSorted((a, b) => a.span.start - b.span.start)) {
    keep(span.start);
    text += newText;
    from = span.end;
  }
  keep(original.length);
  return {
    text,
    originalOffset(offset) {
      const piece = kept.find(({ start, length }) => offset >= start && offset < start + length);
      return piece && piece.original + offset - piece.start;
    },
  };
}
