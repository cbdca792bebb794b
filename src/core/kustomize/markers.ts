import type { Json } from '../json.ts';
import type { Span, TextEdit } from '../text/span.ts';
import { decodeBytes } from '../text/base64.ts';
import type { Site } from './site.ts';

/** Far from counts and ports, and of six digits: Helm prints a longer number as a power of ten. */
const integerBase = 910_000;
const integerMarkers = 89_999;

/**
 * Values that no repository holds, one for each site: what comes out of a build tells which site it came from. All are strings that
 * pass for a label value and an image tag, because kustomize checks the types of its own fields only.
 */
export function markerEdit(site: Site, id: number, text: string): TextEdit {
  const span = writtenSpan(site.span, text);
  const marker = `plumb${id}x`;
  switch (site.form) {
    case 'integer':
      return { span, newText: String(integerBase + id) };
    case 'boolean':
      return { span, newText: site.value === true ? 'false' : 'true' };
    case 'text':
      return { span, newText: marker };
    case 'yaml': {
      const quoted = JSON.stringify(markedValue(site, marker));
      // An empty value has no place of its own: what stands before it is the colon.
      return { span, newText: span.start === span.end ? ` ${quoted}` : quoted };
    }
  }
}

function markedValue(site: Site, marker: string): Json {
  // A named item, because kustomize follows references through lists of such and stumbles over anything else.
  if (Array.isArray(site.value)) return [{ name: marker }];
  if (typeof site.value === 'object' && site.value !== null) return { [marker]: marker };
  // The images transformer looks for the name, so only the tag may change.
  if (site.fields.at(-1) === 'image' && site.partial !== true && typeof site.value === 'string') {
    return `${imageName(site.value)}:${marker}`;
  }
  return marker;
}

/** An image without tag and digest; a colon before the last slash belongs to a port. */
function imageName(image: string): string {
  const plain = image.split('@')[0] ?? image;
  const colon = plain.lastIndexOf(':');
  return colon > plain.lastIndexOf('/') ? plain.slice(0, colon) : plain;
}

/** The span without the white space at its end, which block scalars include. */
export function writtenSpan(span: Span, text: string): Span {
  return { start: span.start, end: span.start + text.slice(span.start, span.end).trimEnd().length };
}

/** Ids of the markers that a value holds, in the order in which they stand. `encoded` values are base64 (data of Secrets). */
export function markersIn(value: Json | undefined, encoded: boolean): number[] {
  if (value === undefined || value === null || typeof value === 'boolean') return [];
  if (typeof value === 'number' || typeof value === 'bigint') {
    const id = Number(value) - integerBase;
    return id > 0 && id <= integerMarkers ? [id] : [];
  }
  // What a manifest writes stands in the data of a Secret as it was planted; what a generator made of it is encoded.
  const planted = encoded && typeof value === 'string' ? namedMarkers(value) : [];
  if (planted.length > 0) return planted;
  const text = typeof value === 'string' ? (encoded ? (decodeBytes(value) ?? '') : value) : JSON.stringify(value);
  // Numbers end up in the middle of texts as well: `--port=910007`.
  const numbers = [...text.matchAll(/(?<!\d)9[1-9]\d{4}(?!\d)/g)].flatMap((match) =>
    markersIn(Number(match[0]), false),
  );
  return [...numbers, ...namedMarkers(text)];
}

function namedMarkers(text: string): number[] {
  return [...text.matchAll(/plumb(\d+)x/g)].map((match) => Number(match[1]));
}
