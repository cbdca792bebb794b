import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ManifestPositions } from '../../../../src/core/manifest/locate.ts';
import { readManifests, readYamlValues } from '../../../../src/core/manifest/readManifests.ts';
import { hostileText } from './arbitraries.ts';

const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';
const many = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('');

/** Name, text, code, and the text that the problem points at (a prefix of it). */
const cases: [name: string, text: string, code: string, place: string | undefined][] = [
  ['aliases of aliases', head + aliasBomb(), 'alias-bomb', undefined],
  [
    'merges of merges',
    `${head}m0: &m0 {x: 1}\n${many(40, (i) => `m${i + 1}: &m${i + 1} {<<: [*m${i}, *m${i}], k${i}: 1}\n`)}`,
    'alias-bomb',
    undefined,
  ],
  ['flow lists 10,000 deep', `${head}x: ${'['.repeat(10_000)}${']'.repeat(10_000)}\n`, 'too-deep', '['],
  ['block lists 10,000 deep', `${head}x:\n${'- '.repeat(10_000)}a\n`, 'too-deep', '-'],
  ['JSON 10,000 deep', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, 'too-deep', '{'],
  ['flow lists 600 deep', `${head}x: ${'['.repeat(600)}${']'.repeat(600)}\n`, 'too-deep', '['],
  ['block maps 1,000 deep', many(1000, (i) => `${' '.repeat(i)}a:\n`), 'too-deep', undefined],
  ['50 MB', `${head}data:\n  a: |\n${`    ${'x'.repeat(95)}\n`.repeat(525_000)}`, 'too-large', 'a'],
  [
    'a large document that only the library reads',
    `${head}data: &x\n${many(200_000, (i) => `  k${i}: some value ${i}\n`)}`,
    'too-large',
    'apiVersion',
  ],
  ['NUL', `${head}x: a\0b\n`, 'not-text', '\0'],
  ['not UTF-8', `${head}x: caf\uFFFD\n`, 'not-text', '\uFFFD'],
  ['UTF-16 read as UTF-8', '\uFFFD\uFFFDa\0p\0i\0', 'not-text', '\uFFFD'],
  ['tab', 'a:\n\tb: 1\n', 'invalid-yaml', '\t'],
  ['unclosed quote', 'a: "x\nb: 1\n', 'invalid-yaml', undefined],
  ['Helm template', 'a: {{ .Values.x }}\n{{- if .Values.y }}\nb: 1\n{{- end }}\n', 'invalid-yaml', undefined],
  ['prototype key', `${head}__proto__: {polluted: true}\n`, 'unsafe-key', '__proto__'],
  ['prototype key, quoted', `${head}x: {"__proto__": 2}\n`, 'unsafe-key', '"__proto__"'],
  [
    'prototype key, escaped',
    '{"apiVersion":"v1","kind":"A","metadata":{"name":"a","\\u005f_proto__":{"x":1}}}',
    'unsafe-key',
    '"\\u005f',
  ],
  ['a key of 2 MB', `${'x'.repeat(2_000_000)}: 1\n`, 'invalid-yaml', 'xxx'],
];

describe('bad input', () => {
  for (const [name, text, code, place] of cases) {
    it(`${name}: ${code}, with its place`, () => {
      for (const profile of ['raw', 'kustomize'] as const) {
        const problem = readManifests(text, { profile }).problems[0];
        assert.equal(problem?.code, code);
        assert.ok(problem.span.start >= 0 && problem.span.start <= problem.span.end && problem.span.end <= text.length);
        if (place !== undefined) assert.ok(text.startsWith(place, problem.span.start), JSON.stringify(problem.span));
        assert.match(problem.message, /^[A-Z].+[^.]$/);
      }
    });
  }

  it('keeps the rest of an object that has a prototype key, and no prototype is reached', () => {
    const [document] = readManifests(`${head}__proto__: {polluted: true}\nx: {__proto__: {polluted: true}, b: 1}\n`, {
      profile: 'raw',
    }).documents;
    assert.deepEqual(document?.object['x'], { b: 1 });
    assert.equal(Object.hasOwn(document.object, '__proto__'), false);
    assert.equal((document.object as { polluted?: unknown }).polluted, undefined);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });

  it('reads 30 MB of plain block style', () => {
    const { documents, problems } = readManifests(
      `${head}data:\n  a: |\n${`    ${'x'.repeat(95)}\n`.repeat(300_000)}`,
      { profile: 'raw' },
    );
    assert.deepEqual(problems, []);
    assert.equal((documents[0]?.object['data'] as { a: string }).a.length, 96 * 300_000);
  });

  it('reads scalars of many megabytes wherever they stand', () => {
    const long = 20_000_000;
    for (const text of [`x: [${'a'.repeat(long)}]\n`, `x: ["${'a'.repeat(long)}"]\n`, `x: [${'1'.repeat(long)}]\n`]) {
      const { values, problems } = readYamlValues(text, { profile: 'raw' });
      assert.deepEqual(problems, []);
      assert.equal(((values[0] as { x: string[] }).x[0] ?? '').length, long);
    }
    for (const text of [
      `x: ${'1_'.repeat(long / 2)}\n`,
      `x: .${'5_'.repeat(long / 2)}\n`,
      `x: ${'a b '.repeat(long / 4)}c\n`,
    ]) {
      assert.equal((readYamlValues(text, { profile: 'raw' }).values[0] as { x: string }).x, text.slice(3, -1));
    }
  });

  it('obeys a smaller limit', () => {
    const [problem] = readManifests(head, { profile: 'raw', maxBytes: 10 }).problems;
    assert.equal(problem?.code, 'too-large');
  });

  it('never throws, and every place is within the text', () => {
    fc.assert(
      fc.property(hostileText, fc.constantFrom('raw' as const, 'kustomize' as const), (text, profile) => {
        const { documents, problems } = readManifests(text, { profile });
        for (const { span } of [...documents, ...problems]) {
          assert.ok(0 <= span.start && span.start <= span.end && span.end <= text.length, JSON.stringify(span));
        }
        new ManifestPositions(text, profile).locate(0, [{ field: 'a' }, { index: 0 }]);
      }),
      { numRuns: 5000 },
    );
  });
});

function aliasBomb(): string {
  let text = 'a: &a [x,x,x,x,x,x,x,x,x]\n';
  for (const [from = '', to = ''] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh', 'hi'].map((pair) => pair.split(''))) {
    text += `${to}: &${to} [${Array.from({ length: 9 }, () => `*${from}`).join(',')}]\n`;
  }
  return text;
}
