import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  canonicalBase64,
  decodeBase64,
  decodeBytes,
  encodeBase64,
  isPaddedBase64,
  utf8Bytes,
} from '../../../../src/core/text/base64.ts';

test('base64 and UTF-8 are those of Node', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const bytes = Buffer.from(text);
      assert.equal(encodeBase64(text), bytes.toString('base64'));
      assert.equal(decodeBytes(bytes.toString('base64')), bytes.toString('latin1'));
      assert.equal(utf8Bytes(bytes.toString()), bytes.toString('latin1'));
      assert.equal(decodeBase64(bytes.toString('base64')), bytes.toString());
    }),
    { numRuns: 500 },
  );
});

test('bytes that are no text decode to bytes alone', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (array) => {
      const bytes = Buffer.from(array);
      assert.equal(decodeBytes(bytes.toString('base64')), bytes.toString('latin1'));
      const isText = Buffer.from(bytes.toString()).equals(bytes);
      assert.equal(decodeBase64(bytes.toString('base64')), isText ? bytes.toString() : undefined);
    }),
  );
});

test('line breaks and padding make no difference, other characters no base64', () => {
  assert.equal(decodeBase64('aGVs\r\nbG8=\n'), 'hello');
  assert.equal(decodeBase64('aGVsbG8'), 'hello');
  assert.equal(decodeBytes('aGVs-G8'), undefined);
  assert.equal(canonicalBase64('aGVs\nbG8='), canonicalBase64('aGVsbG8'));
});

test('Go takes base64 with its padding alone, at its end', () => {
  for (const good of ['', 'aGVsbG8=', 'aA==', 'aGk+', 'aGk/']) assert.equal(isPaddedBase64(good), true, good);
  for (const bad of ['aGVsbG8', 'aA=', 'a===', 'a=A=', 'aGk-', 'aGk =']) assert.equal(isPaddedBase64(bad), false, bad);
});

test('a megabyte costs milliseconds', () => {
  const text = 'x'.repeat(1_000_000);
  assert.equal(decodeBase64(encodeBase64(text)), text);
});
