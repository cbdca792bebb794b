import type { Json } from '../json.ts';
import { equalJson } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import { type LeafQuestion, isEncoded, twinOf } from './candidates.ts';
import { fieldsOf, valueAtPath, valueLeaves } from './leaves.ts';
import { markerEdit, markersIn, writtenSpan } from './markers.ts';
import type { Site } from './site.ts';

/** Sites with another value each, as one change of files. */
export interface Planting {
  /** By marker id. */
  sites: ReadonlyMap<number, Site>;
  /** New texts of the changed files. */
  texts: ReadonlyMap<string, string>;
}

/**
 * Gives every site a value of its own in the texts. Sites that overlap (a literal in a generated file's whole content) cannot be told
 * apart, so the inner one is taken.
 */
export function plant(sites: readonly Site[], textOf: (file: string) => string): Planting {
  const planted = new Map<number, Site>();
  const byFile = new Map<string, Site[]>();
  for (const site of sites) byFile.set(site.file, [...(byFile.get(site.file) ?? []), site]);
  const texts = new Map<string, string>();
  let id = 0;
  for (const [file, group] of byFile) {
    const original = textOf(file);
    let text = original;
    let limit = Infinity;
    // From the end, so that the offsets before stay what they are.
    for (const site of group.sort((a, b) => b.span.start - a.span.start)) {
      const span = writtenSpan(site.span, original);
      if (span.end > limit) continue;
      id += 1;
      const edit = markerEdit(site, id, original);
      text = text.slice(0, edit.span.start) + edit.newText + text.slice(edit.span.end);
      limit = span.start;
      planted.set(id, site);
    }
    texts.set(file, text);
  }
  return { sites: planted, texts };
}

/**
 * The planted site that decides a leaf, by what the build made of it; undefined where none shows. `believes` says which site may be
 * taken for it.
 */
export function decidedBy(
  question: LeafQuestion,
  candidates: readonly Site[],
  planting: Planting,
  built: readonly KubeObject[],
  believes: (site: Site) => boolean,
): Site | undefined {
  const twin = twinOf(question.object, built);
  if (twin === undefined) return undefined;
  const encoded = isEncoded(question);
  const value = valueAtPath(twin, question.path);
  const shown = siteIn(value, encoded, planting, believes);
  if (shown !== undefined) return shown;
  if (value !== undefined && equalJson(value, question.value)) return undefined;
  const flipped = candidates.filter((site) => site.form === 'boolean' && [...planting.sites.values()].includes(site));
  if (flipped.length === 1 && typeof value === 'boolean') return flipped[0];
  // Something else stands there now: the list's order may have changed, so the marker is looked for at the same field of all items.
  const fields = fieldsOf(question.path).join('\0');
  for (const leaf of valueLeaves(twin)) {
    if (!isAtOrBelow(fieldsOf(leaf.path).join('\0'), fields)) continue;
    const site = siteIn(leaf.value, encoded, planting, (one) => candidates.includes(one) && believes(one));
    if (site !== undefined) return site;
  }
  return undefined;
}

function isAtOrBelow(fields: string, wanted: string): boolean {
  return fields === wanted || fields.startsWith(`${wanted}\0`);
}

/** Of several markers in one value (an image's name and tag) the last is the most specific. */
function siteIn(
  value: Json | undefined,
  encoded: boolean,
  planting: Planting,
  believes: (site: Site) => boolean,
): Site | undefined {
  const sites = markersIn(value, encoded).map((id) => planting.sites.get(id));
  return sites.findLast((site) => site !== undefined && believes(site));
}
