import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { type Json, equalJson } from '../../../../src/core/json.ts';
import { printYaml } from '../../../../src/core/manifest/printYaml.ts';
import { readYamlValues } from '../../../../src/core/manifest/readManifests.ts';
import { anyJson } from './arbitraries.ts';

describe('printYaml', () => {
  it('puts the well-known fields first and sorts the rest', () => {
    const text = printYaml({
      status: { ready: true },
      spec: { b: 1, a: [{ name: 'x', list: [1, [2, 3], {}] }, []] },
      data: { motd: 'two\nlines\n', 'a.b/c': 'yes' },
      metadata: { labels: { app: 'web' }, namespace: 'shop', name: 'web' },
      kind: 'Thing',
      apiVersion: 'example.com/v1',
    });
    assert.equal(
      text,
      `apiVersion: example.com/v1
kind: Thing
metadata:
  name: web
  namespace: shop
  labels:
    app: web
data:
  a.b/c: "yes"
  motd: |
    two
    lines
spec:
  a:
  - list:
    - 1
    - - 2
      - 3
    - {}
    name: x
  - []
  b: 1
status:
  ready: true
`,
    );
  });

  for (const value of hardStrings()) {
    it(`prints ${JSON.stringify(value)} so that every reader takes it for that string`, () => {
      const text = printYaml({ a: value, list: [value] });
      for (const profile of ['raw', 'kustomize'] as const) {
        assert.deepEqual(readYamlValues(text, { profile }).values, [{ a: value, list: [value] }]);
      }
      assert.deepEqual(parse(text, { version: '1.1' }), { a: value, list: [value] });
      assert.deepEqual(parse(text, { version: '1.2' }), { a: value, list: [value] });
    });
  }

  it('is undone by reading, for any value', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        const text = printYaml(value);
        const { values, problems } = readYamlValues(text, { profile: 'raw' });
        assert.deepEqual(problems, []);
        assert.ok(equalJson(values[0] ?? null, value), text);
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps integers that a double cannot hold', () => {
    const value: Json = { a: 9007199254740993n, b: -9223372036854775808n };
    assert.equal(printYaml(value), 'a: 9007199254740993\nb: -9223372036854775808\n');
    assert.deepEqual(readYamlValues(printYaml(value), { profile: 'raw' }).values, [value]);
  });

  it('prints keys beyond 1024 characters so that they can be read', () => {
    const value = { [`k${'x'.repeat(2000)}`]: [1, { a: null }], [`l${'x'.repeat(2000)}`]: { b: 'c\nd' } };
    assert.deepEqual(readYamlValues(printYaml(value), { profile: 'raw' }).values, [value]);
  });
});

function hardStrings(): string[] {
  const words =
    'yes Yes no on OFF y n true null ~ 0644 0o17 1e3 1_000 0x1F 0b1 12:30:45 2024-01-01 .5 .inf -.INF .nan + - 1. 08 << = 1,000';
  const odd = [
    '',
    ' ',
    'a ',
    ' a',
    'a: b',
    'a:',
    ':a',
    'a #b',
    '#a',
    '- a',
    '-',
    '---',
    '? a',
    '!a',
    '&a',
    '*a',
    '%a',
    '@a',
    '`a',
    '|',
    '>',
    '[a',
    '{a',
    "'a",
    '"a',
    'a\tb',
    '\ta',
  ];
  const lines = [
    'a\nb',
    'a\nb\n',
    'a\n\n',
    '\na',
    ' a\nb',
    'a\n  b\n',
    'a \nb',
    'a\n \nb',
    '\n',
    'a\r\nb',
    'a\n---\nb',
  ];
  const rare = [
    '\u2028',
    'a\u0085b',
    '\uFEFFa',
    'a\u0000b',
    '\u007F',
    '\uFFFD',
    'ü',
    '😀',
    'a\\b',
    '\\n',
    'a,b',
    'a]b',
    'http://a:80/b#c',
  ];
  return [...words.split(' '), ...odd, ...lines, ...rare];
}
