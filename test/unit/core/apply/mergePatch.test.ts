import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { applyMergePatch, createMergePatch } from '../../../../src/core/apply/mergePatch.ts';
import { type Json, type JsonObject, equalJson } from '../../../../src/core/json.ts';

describe('merge patch (RFC 7386)', () => {
  /** The table of the RFC's appendix. */
  const cases = `
{"a":"b"} {"a":"c"} {"a":"c"}
{"a":"b"} {"b":"c"} {"a":"b","b":"c"}
{"a":"b"} {"a":null} {}
{"a":"b","b":"c"} {"a":null} {"b":"c"}
{"a":["b"]} {"a":"c"} {"a":"c"}
{"a":"c"} {"a":["b"]} {"a":["b"]}
{"a":{"b":"c"}} {"a":{"b":"d","c":null}} {"a":{"b":"d"}}
{"a":[{"b":"c"}]} {"a":[1]} {"a":[1]}
["a","b"] ["c","d"] ["c","d"]
{"a":"b"} ["c"] ["c"]
{"a":"foo"} null null
{"a":"foo"} "bar" "bar"
{"e":null} {"a":1} {"e":null,"a":1}
[1,2] {"a":"b","c":null} {"a":"b"}
{} {"a":{"bb":{"ccc":null}}} {"a":{"bb":{}}}
`;
  for (const line of cases.trim().split('\n')) {
    const [target = '', patch = '', result = ''] = line.split(' ');
    test(line, () =>
      assert.deepEqual(applyMergePatch(JSON.parse(target) as Json, JSON.parse(patch) as Json), JSON.parse(result)),
    );
  }

  test('a created patch makes the one of the other', () => {
    const value = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.integer(),
        fc.string(),
        fc.array(fc.integer(), { maxLength: 2 }),
        tie('object'),
      ),
      object: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('value'), { noNullPrototype: true }),
    })).object;
    fc.assert(
      fc.property(value, value, (from, to) => {
        assert.ok(equalJson(applyMergePatch(from, createMergePatch(from, to)), to));
      }),
    );
  });
});
