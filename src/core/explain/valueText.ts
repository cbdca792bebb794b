import type { Json } from '../json.ts';
import { printJson } from '../jsonText.ts';
import type { PathSegment } from '../location.ts';
import { formatPath } from '../schema/path.ts';

/** A value on one line, as it would stand in YAML, cut to `width` characters. */
export function valueText(value: Json, width = 32): string {
  if (typeof value !== 'string') return cut(printJson(value), width);
  // A string that YAML would read as something else, or that would not show, is quoted.
  const plain =
    value !== '' && !/^(true|false|null|yes|no|on|off|~|[-+]?[\d.].*)$/i.test(value) && !/[\n\t]|^\s|\s$/.test(value);
  const version = /^\d+\.\d+\.\d+|^v?\d+[.\w-]*[a-z-]/i.test(value);
  return cut(plain || version ? value : JSON.stringify(value), width);
}

/**
 * Two values side by side, without the beginning that both share: `…:0.9.2` and `…:0.9.3-hotfix`. What differs must be seen, and two long
 * values cut at the same place would look alike.
 */
export function valuePair(left: Json, right: Json, width = 32): [string, string] {
  if (typeof left !== 'string' || typeof right !== 'string') return [valueText(left, width), valueText(right, width)];
  if (left.length <= width && right.length <= width) return [valueText(left, width), valueText(right, width)];
  let shared = 0;
  while (shared < Math.min(left.length, right.length) && left[shared] === right[shared]) shared++;
  // Whole words: the shared beginning ends after a separator.
  const start = left.slice(0, shared).search(/[^/:@,;=\s]*$/);
  if (start < 8) return [valueText(left, width), valueText(right, width)];
  return [left, right].map((value) => cut(`…${printable(value.slice(start))}`, width)) as [string, string];
}

/** Line breaks and tabs as people write them. */
function printable(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
}

const shortened: readonly (readonly string[])[] = [
  ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  ['spec', 'template', 'spec'],
  ['spec', 'template', 'metadata'],
  ['spec'],
  ['metadata'],
];

/**
 * A path as short as it still says which field it is: `replicas`, `containers[podinfo].image`, `data["ui.color"]`. The whole path
 * stands in the tooltip.
 */
export function shortPath(segments: readonly PathSegment[]): string {
  const prefix = shortened.find(
    (names) =>
      segments.length > names.length &&
      names.every((name, index) => {
        const segment = segments[index];
        return segment !== undefined && 'field' in segment && segment.field === name;
      }),
  );
  const rest = segments.slice(prefix?.length ?? 0);
  let text = '';
  let plain: PathSegment[] = [];
  for (const segment of rest) {
    const names = 'key' in segment ? Object.keys(segment.key) : [];
    // An item named by its name needs no "name=".
    if ('key' in segment && names.length === 1 && names[0] === 'name') {
      text += `${joined(text, plain)}[${valueText(segment.key['name'] ?? null)}]`;
      plain = [];
    } else plain.push(segment);
  }
  return text + joined(text, plain);
}

function joined(before: string, segments: readonly PathSegment[]): string {
  const text = formatPath(segments);
  return before !== '' && text !== '' && !text.startsWith('[') ? `.${text}` : text;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
