import { Scalar, isScalar } from 'yaml';
import type { YamlNode } from './yamlTree.ts';

/** A text inside of a scalar, and where each of its characters stands in the file. */
export interface EmbeddedText {
  text: string;
  /** Offset in the file of an offset in the text. */
  outer(offset: number): number;
}

/**
 * The text of a scalar with its place, or undefined where characters of the text are not those of the file one by one (escapes,
 * folded lines). Inline patches are written as literal blocks, nearly always.
 */
export function embeddedText(file: string, node: YamlNode): EmbeddedText | undefined {
  if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return undefined;
  const [start, end] = node.range;
  const text = node.value;
  if (node.type === Scalar.BLOCK_LITERAL) return literalBlock(file, start, end, text);
  const quote = node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE ? 1 : 0;
  if (file.slice(start + quote, end - quote) !== text) return undefined;
  return { text, outer: (offset) => start + quote + offset };
}

function literalBlock(file: string, start: number, end: number, text: string): EmbeddedText | undefined {
  const inner: number[] = [];
  const outer: number[] = [];
  let at = file.indexOf('\n', start) + 1;
  let offset = 0;
  for (const line of text.split('\n')) {
    if (at === 0 || at > end) break;
    const lineEnd = file.indexOf('\n', at);
    const source = file.slice(at, lineEnd === -1 ? end : lineEnd).replace(/\r$/, '');
    // All lines of the block have its indentation taken off; an empty one may have less.
    if (!source.endsWith(line)) return undefined;
    inner.push(offset);
    outer.push(at + source.length - line.length);
    offset += line.length + 1;
    if (lineEnd === -1) break;
    at = lineEnd + 1;
  }
  if (inner.length === 0) return undefined;
  return {
    text,
    outer(wanted) {
      let line = 0;
      while (line + 1 < inner.length && (inner[line + 1] ?? 0) <= wanted) line += 1;
      return (outer[line] ?? 0) + wanted - (inner[line] ?? 0);
    },
  };
}
