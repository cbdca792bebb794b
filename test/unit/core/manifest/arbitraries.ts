import fc from 'fast-check';
import type { Json } from '../../../../src/core/json.ts';

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
