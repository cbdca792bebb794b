import { type Json, equalJson, isJsonObject } from '../../core/json.ts';
import type { Location, PathSegment } from '../../core/location.ts';
import { type EditResult, removeValue, setValue } from '../../core/manifest/edit.ts';
import { ManifestPositions } from '../../core/manifest/locate.ts';
import type { YamlProfile } from '../../core/manifest/scalars.ts';
import { splitDocuments } from '../../core/manifest/splitDocuments.ts';
import { LineIndex } from '../../core/text/lineIndex.ts';
import type { Span } from '../../core/text/span.ts';
import { applyEdits } from '../../core/text/textEdits.ts';

/** A value that a file decides, and what it shall become; undefined where Git or the cluster has none. */
export interface Wanted {
  segments: readonly PathSegment[];
  desired: Json | undefined;
  live: Json | undefined;
}

export interface Proposals {
  /** New texts of the file, the likeliest first. None is known to be right: whoever takes one renders it. */
  texts: string[];
  /** Why a text that would do is not among them. */
  refusal?: string;
}

/**
 * Texts by which a file may come to say what the cluster has. The place decides what is tried: fields of a document that is an object, the
 * written value itself, the entry of an image, a generator's whole file.
 */
export function proposeTexts(text: string, location: Location, wanted: Wanted, profile: YamlProfile): Proposals {
  const span = spanOf(text, location);
  const texts: string[] = [];
  let refusal: string | undefined;
  const take = (result: EditResult | undefined): void => {
    if (result?.ok === true) texts.push(applyEdits(text, result.edits));
    else if (result?.reason === 'anchor')
      refusal = 'the value is shared by an anchor, so other values would change with it';
  };
  if (location.via === 'manifest' || location.via === 'patch') take(inDocument(text, span, wanted, profile));
  if (location.via === 'image') take(inImages(text, span, wanted, profile));
  if (refusal !== undefined) return { texts: [], refusal };
  const written = text.slice(span.start, span.end);
  if (/^[*&][^\s]/.test(written)) return { texts: [], refusal: 'the value is an alias or has an anchor' };
  if (location.via === 'generator' && wanted.desired === text && typeof wanted.live === 'string')
    texts.push(wanted.live);
  for (const value of writtenValues(written, wanted, location.via === 'values')) {
    texts.push(text.slice(0, span.start) + value + text.slice(span.end));
  }
  return { texts: [...new Set(texts)].filter((candidate) => candidate !== text) };
}

function spanOf(text: string, { line = 1, column = 1, endLine = line, endColumn = column }: Location): Span {
  const lines = new LineIndex(text);
  return { start: lines.offsetAt({ line, column }), end: lines.offsetAt({ line: endLine, column: endColumn }) };
}

/** The field of the object (a manifest, a strategic merge patch) that the place lies in. */
function inDocument(text: string, span: Span, wanted: Wanted, profile: YamlProfile): EditResult | undefined {
  const index = splitDocuments(text).findIndex((piece) => piece.start <= span.start && span.start < piece.end);
  if (index === -1) return undefined;
  const positions = new ManifestPositions(text, profile);
  if (positions.locate(index, [{ field: 'kind' }])?.key === undefined) return undefined;
  const itemIndex = itemAt(positions, index, span);
  const options = itemIndex === undefined ? { profile } : { profile, itemIndex };
  return wanted.live === undefined
    ? removeValue(text, index, wanted.segments, options)
    : setValue(text, index, wanted.segments, wanted.live, options);
}

/** The item of a list of objects; undefined where the document is an object itself. */
function itemAt(positions: ManifestPositions, document: number, span: Span): number | undefined {
  for (let index = 0; ; index++) {
    const item = positions.locate(document, [{ field: 'items' }, { index }]);
    if (item?.value === undefined) return undefined;
    if (item.value.start <= span.start && span.start <= item.value.end) return index;
  }
}

/** The entry of `images:` that decides an image: its tag or digest, and its name only where that is another. */
function inImages(text: string, span: Span, { live }: Wanted, profile: YamlProfile): EditResult | undefined {
  if (typeof live !== 'string') return undefined;
  const image = imageOf(live);
  const positions = new ManifestPositions(text, profile);
  for (let index = 0; ; index++) {
    const path: PathSegment[] = [{ field: 'images' }, { index }];
    const entry = positions.locate(0, path);
    if (entry?.value === undefined) return undefined;
    if (span.start < entry.value.start || span.start > entry.value.end) continue;
    const read = (field: string): string | undefined => {
      const place = positions.locate(0, [...path, { field }]);
      const written = place?.value && text.slice(place.value.start, place.value.end);
      return written?.replace(/^(["'])(.*)\1$/, '$2');
    };
    const name = read('name') ?? '';
    const newName = image.name === name ? undefined : image.name;
    const value = {
      name,
      ...(newName === undefined ? {} : { newName }),
      ...(image.tag === undefined ? {} : { newTag: image.tag }),
      ...(image.digest === undefined ? {} : { digest: image.digest }),
    };
    return setValue(text, 0, path, value, { profile });
  }
}

/** `registry:5000/name:tag@digest` in its parts. */
function imageOf(image: string): { name: string; tag?: string; digest?: string } {
  const [reference = '', digest] = image.split('@');
  const colon = reference.lastIndexOf(':');
  const hasTag = colon > reference.lastIndexOf('/');
  const name = hasTag ? reference.slice(0, colon) : reference;
  return {
    name,
    ...(hasTag ? { tag: reference.slice(colon + 1) } : {}),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** What may stand in place of a written scalar; nothing where it is a map, a list or a text of several lines. */
function writtenValues(written: string, { desired, live }: Wanted, isTemplated: boolean): string[] {
  if (!isScalar(desired) || !isScalar(live) || written === '' || written.includes('\n')) return [];
  if (isTemplated && String(live).includes('{{')) return [];
  const [quote] = /^["']/.exec(written) ?? [''];
  const plain =
    quote === '"' ? unquoted(written) : quote === "'" ? written.slice(1, -1).replaceAll("''", "'") : written;
  const value = plain === undefined ? undefined : inverse(plain, String(desired), String(live));
  if (value === undefined || /[\r\n]/.test(value)) return [];
  const double = JSON.stringify(value);
  const single = `'${value.replaceAll("'", "''")}'`;
  if (quote === '"') return [double];
  if (quote === "'") return [single];
  // A text that would be read as something else needs quotes; whether this one does shows when it is rendered.
  return [value, double].filter((candidate) => candidate !== '');
}

function unquoted(written: string): string | undefined {
  try {
    const value: unknown = JSON.parse(written);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The written value for the live one, where the written value is all or one part of the desired one (an image's tag). */
function inverse(written: string, desired: string, live: string): string | undefined {
  if (written === desired || Number(written) === Number(desired)) return live;
  const at = desired.indexOf(written);
  if (at === -1 || desired.indexOf(written, at + 1) !== -1) return undefined;
  const before = desired.slice(0, at);
  const after = desired.slice(at + written.length);
  const fits = live.length >= before.length + after.length && live.startsWith(before) && live.endsWith(after);
  return fits ? live.slice(before.length, live.length - after.length) : undefined;
}

function isScalar(value: Json | undefined): value is Exclude<Json, Json[] | Record<string, Json>> {
  return (
    value !== undefined && value !== null && !Array.isArray(value) && !isJsonObject(value) && !equalJson(value, null)
  );
}
