import type { Json } from '../../../../src/core/json.ts';
import type { PathSegment } from '../../../../src/core/location.ts';

/** A path for tests: `spec/containers/name=web/args/#0`, `="v"` for a set item; `~1` stands for a slash within a field. */
export function path(text: string): PathSegment[] {
  return text === '' ? [] : text.split('/').map(segment);
}

function segment(text: string): PathSegment {
  if (text.startsWith('#')) return { index: Number(text.slice(1)) };
  if (text.startsWith('=')) return { value: value(text.slice(1)) };
  if (!text.includes('=')) return { field: text.replaceAll('~1', '/') };
  const parts = text.split(',').map((part) => part.split('=') as [string, string]);
  return { key: Object.fromEntries(parts.map(([name, held]) => [name, value(held)])) };
}

function value(text: string): Json {
  return /^["\d]/.test(text) ? (JSON.parse(text) as Json) : text;
}
