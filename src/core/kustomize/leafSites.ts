import type { Node } from 'yaml';
import { isSeq } from 'yaml';
import type { Via } from '../location.ts';
import { embeddedText } from './embedded.ts';
import type { Span } from '../text/span.ts';
import { type Trail, type YamlLeaf, fieldsOf, leavesOf } from './leaves.ts';
import type { Site } from './site.ts';
import { type YamlPath, childOf, itemsOf, parseYamlTree, spanOf, stringOf } from './yamlTree.ts';

/** Sites of a patch as text: strategic merge, or a list of JSON patch operations. `shift` maps offsets where it is embedded. */
export function patchTextSites(file: string, text: string, shift: Shift): Site[] {
  return parseYamlTree(text).documents.flatMap((document) => {
    const top = document.contents;
    if (!isSeq(top)) return leavesOf(top).flatMap((leaf) => siteOfLeaf(file, leaf, leaf.path, 'patch', shift));
    return itemsOf(top).flatMap((operation) => {
      const value = childOf(operation, 'value', document);
      const pointer = stringOf(childOf(operation, 'path', document));
      if (value === undefined || pointer === undefined) return [];
      const base = pointerSteps(pointer);
      return leavesOf(value, base).flatMap((leaf) => siteOfLeaf(file, leaf, leaf.path, 'patch', shift));
    });
  });
}

/** Adds to an offset, or maps it. */
export type Shift = number | ((offset: number) => number);

/** RFC 6901; positions, and `-` for the end of a list, become numbers. */
function pointerSteps(pointer: string): YamlPath {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => (/^(\d+|-)$/.test(step) ? Number(step) || 0 : step.replaceAll('~1', '/').replaceAll('~0', '~')));
}

const itemKeys = new Set([
  'name',
  'containerPort',
  'port',
  'mountPath',
  'devicePath',
  'key',
  'ip',
  'topologyKey',
  'protocol',
  'hostnames',
]);

/** One site of a leaf of an object or patch; none where the leaf has no place. */
export function siteOfLeaf(file: string, leaf: YamlLeaf, path: YamlPath, via: Via, shift: Shift): Site[] {
  const span = spanOf(leaf.node);
  if (!span) return [];
  const map = typeof shift === 'number' ? (offset: number) => offset + shift : shift;
  const fields = fieldsOf(path);
  return [
    {
      file,
      span: { start: map(span.start), end: map(span.end) },
      value: leaf.value,
      fields,
      anchored: true,
      via,
      form: 'yaml',
      binding: bindingOf(path),
      path,
      above: (steps) => mappedSpan(leaf.trail, steps, map),
    },
  ];
}

function mappedSpan(trail: Trail | undefined, steps: number, map: (offset: number) => number): Span | undefined {
  let at = trail;
  for (let step = 0; step < steps; step++) at = at?.up;
  const span = at?.span;
  return span && { start: map(span.start), end: map(span.end) };
}

function bindingOf(path: YamlPath): Site['binding'] {
  const [first, second] = path;
  if (path.length === 1 && (first === 'apiVersion' || first === 'kind')) return 'identity';
  if (path.length === 2 && first === 'metadata' && (second === 'name' || second === 'namespace')) return 'identity';
  const last = path.at(-1);
  return typeof path.at(-2) === 'number' && itemKeys.has(String(last)) ? 'item' : 'none';
}

/** Sites of YAML that stands in a scalar of `text`. None where its places cannot be told. */
export function embeddedSites(text: string, node: Node, read: (text: string, shift: Shift) => Site[]): Site[] {
  const embedded = embeddedText(text, node);
  return embedded === undefined ? [] : read(embedded.text, (offset) => embedded.outer(offset));
}
