import fc from 'fast-check';
import { stringify } from 'yaml';
import { type Json, isJsonObject } from '../../../../src/core/json.ts';
import { printJson } from '../../../../src/core/jsonText.ts';
import type { PathSegment } from '../../../../src/core/location.ts';
import { printYaml } from '../../../../src/core/manifest/printYaml.ts';

const hard = [
  'yes',
  'on',
  '~',
  'null',
  '0644',
  '1e3',
  '1_000',
  '2024-01-01',
  '12:30',
  '.inf',
  '-',
  '',
  ' ',
  'a: b',
  'a #b',
  'a\nb\n',
  'a\n\n',
  '\ta',
  '<<',
];

/** Strings as manifests hold them: words, things that only look like something else, text of several lines, anything. */
export const anyString: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...hard),
  fc.stringMatching(/^[a-z][a-zA-Z0-9./:_-]{0,12}$/),
  fc.string({
    unit: fc.constantFrom('a', 'b', ' ', '\n', '\t', ':', '#', '-', '"', "'", '\\', '{', ']', ',', '0', 'é'),
  }),
  fc.string(),
);

const anyKey = fc
  .oneof(fc.stringMatching(/^[a-z][a-zA-Z0-9./_-]{0,8}$/), anyString)
  .filter((key) => key !== '__proto__');

const anyScalar: fc.Arbitrary<Json> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  anyString,
);

/** Any value that JSON can hold, with integers up to 64 bits. */
export const anyJson: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    anyScalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(anyKey, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;

const fragments = [
  'a',
  'b: ',
  'b:',
  'key: ',
  '- ',
  '-',
  '"q"',
  "'s'",
  '"',
  "'",
  '|',
  '>',
  '|-',
  '>+',
  '|2',
  '{',
  '}',
  '[',
  ']',
  ', ',
  ',',
  ': ',
  ':',
  '#',
  ' #c',
  '# c',
  '?',
  '? ',
  '~',
  'null',
  'yes',
  '0644',
  '1e3',
  '.5',
  '.inf',
  'x y',
  'foo:bar',
  'http://a',
  '\n',
  '\n',
  '\n',
  '\n\n',
  '\n  ',
  '\n  ',
  '\n    ',
  '\n   ',
  '\n - ',
  '\n- ',
  '\n  - ',
  '\n    - ',
  '  ',
  ' ',
  ' ',
  '\t',
  '\\',
  '\\n',
  '&a ',
  '*a',
  '!!str ',
  '<<: ',
  '=',
  '<',
  '@',
  '%',
  '`',
  '!',
  '---',
  '--- ',
  '\n---\n',
  '...',
  'é',
  'items: ',
  '\r\n',
  '(a)',
  'a: b',
  '\na: ',
  '\nb: ',
  '\n  c: ',
  '\n  d: ',
  '$x',
  "it's",
  "''",
  '""',
  '"a":1',
  '{a: b}',
  '[a, b]',
  '[]',
  '{}',
  '{"a":"b"}',
  '|\n  x\n',
  '>\n  x\n  y\n',
  "'a\n b'",
  '"a\n  b"',
  '__proto__: ',
  'kind: ',
  'apiVersion: ',
];

/** Texts of pieces of YAML, most of them wrong. */
export const hostileText: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('', 'a: ', '- '),
    fc.array(fc.constantFrom(...fragments), { maxLength: 14 }),
    fc.constantFrom('', '\n', '\n'),
  )
  .map(([start, parts, end]) => start + parts.join('') + end);

/** A map of a few fields, as a document is. */
export const anyDocument = fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), anyJson, {
  minKeys: 1,
  maxKeys: 5,
  noNullPrototype: true,
});

/** Ways to write a value: block and flow style, with comments and carriage returns, as JSON. */
export const styles: ((value: Json) => string)[] = [
  printYaml,
  (value) => printYaml(value).replaceAll('\n', '\r\n'),
  (value) => printYaml(value).replace(/^( *(?:- )?\w+: \w+)$/gm, '$1 # why'),
  (value) => printJson(value, 2),
  (value) => printJson(value),
  (value) => stringify(value, { version: '1.1', lineWidth: 0 }),
  (value) => stringify(value, { version: '1.1', collectionStyle: 'flow', lineWidth: 40 }),
  (value) =>
    `# a\n---\n${stringify(value, { version: '1.1', indentSeq: false, indent: 4, singleQuote: true })}\n# end\n`,
];

/** The paths of everything in a value. */
export function pathsOf(value: Json, at: PathSegment[] = []): PathSegment[][] {
  if (Array.isArray(value)) return [at, ...value.flatMap((item, index) => pathsOf(item, [...at, { index }]))];
  if (!isJsonObject(value)) return [at];
  return [at, ...Object.keys(value).flatMap((field) => pathsOf(value[field] ?? null, [...at, { field }]))];
}
