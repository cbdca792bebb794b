import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { equalJson } from '../../../src/core/json.ts';
import { parseJson, printJson } from '../../../src/core/jsonText.ts';
import { storedNumbers } from '../../support/storedNumbers.ts';

for (const [sent, stored] of storedNumbers) {
  test(`${sent} is what the API server makes of it: ${stored}`, () => {
    assert.ok(equalJson(parseJson(`[${sent}]`), parseJson(`[${stored}]`)));
    const [value] = parseJson(`[${sent}]`) as [number | bigint];
    const isExact = /^-?\d{16,19}$/.test(sent) && BigInt.asIntN(64, BigInt(sent)) === BigInt(sent);
    assert.equal(typeof value, isExact ? 'bigint' : 'number');
  });
}

test('an integer of int64 that is one off is another one', () => {
  assert.equal(equalJson(parseJson('[9007199254740993]'), parseJson('[9007199254740992]')), false);
});

test('prints what it reads, and reads what it prints', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value, integer) => {
      const text = `${JSON.stringify({ value }).slice(0, -1)},"n":[${integer}]}`;
      assert.equal(printJson(parseJson(text)), printJson(parseJson(printJson(parseJson(text)))));
      assert.ok(printJson(parseJson(text)).endsWith(`"n":[${integer}]}`) || text.includes('__proto__'));
    }),
  );
});

test('a key of a prototype is dropped, whichever of its letters is escaped', () => {
  const escapes = Array.from('__proto__', (letter, at) => {
    const code = letter.charCodeAt(0).toString(16);
    return ['__proto__'.slice(0, at), code, '__proto__'.slice(at + 1)] as const;
  }).flatMap(([before, code, after]) => [code, code.toUpperCase()].map((hex) => `${before}\\u00${hex}${after}`));
  for (const text of ['__proto__', ...escapes].map((name) => `{"${name}": {"a": 1}, "b": 2}`)) {
    const read = parseJson(text) as Record<string, unknown>;
    assert.deepEqual(Object.keys(read), ['b']);
    assert.equal(read['a'], undefined);
  }
});
