import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json } from '../../../../src/core/json.ts';
import { formatPath } from '../../../../src/core/schema/path.ts';
import {
  type SchemaNode,
  booleanNode,
  deducedNode,
  integerNode,
  listNode,
  mapNode,
  objectNode,
  stringNode,
  structNode,
} from '../../../../src/core/schema/schemaNode.ts';
import { describeFindings, validateObject } from '../../../../src/core/schema/validate.ts';

const node: SchemaNode = structNode(
  {
    replicas: integerNode,
    paused: booleanNode,
    policy: { ...stringNode, enum: ['Always', 'Never'] },
    cpu: { scalar: 'untyped', format: 'quantity' },
    port: { scalar: 'untyped', format: 'int-or-string' },
    labels: mapNode(stringNode),
    args: listNode(stringNode),
    set: listNode(stringNode, 'set'),
    env: listNode(structNode({ name: stringNode, value: stringNode }, { required: ['name'] }), ['name']),
    free: deducedNode,
    must: stringNode,
    defaulted: { ...stringNode, default: 'x' },
  },
  { required: ['must', 'defaulted'] },
);

function findings(object: Json, type: SchemaNode = node): string[] {
  return validateObject(object, type).map(
    ({ segments, code, message }) => `${formatPath(segments)} ${code}: ${message}`,
  );
}

describe('what the API server refuses', () => {
  const cases: [Json, string[]][] = [
    [{ must: 'x', replicas: 1, paused: true, policy: 'Never', cpu: '1', port: 'http', labels: { a: '1' } }, []],
    [{ must: 'x', free: { any: [1, { thing: null }] }, args: [], env: [{ name: 'a' }], set: ['a', 'b'] }, []],
    [{ must: 'x', replicas: null, labels: null, env: null, free: null }, []],
    [{ must: 'x', replica: 1 }, ['replica unknown-field: field not declared in schema']],
    [{ must: 'x', replicas: '1' }, ['replicas wrong-type: expected numeric (int or float), got string']],
    [{ must: 'x', replicas: 1.5 }, ['replicas wrong-type: expected integer, got a fraction']],
    [{ must: 'x', paused: 'yes' }, ['paused wrong-type: expected boolean, got string']],
    [{ must: 'x', labels: { a: 1 } }, ['labels.a wrong-type: expected string, got number']],
    [
      { must: 'x', labels: { a: true, b: {} } },
      ['labels.a wrong-type: expected string, got boolean', 'labels.b wrong-type: expected string, got map'],
    ],
    [{ must: 'x', labels: ['a'] }, ['labels wrong-type: expected map, got list']],
    [{ must: 'x', args: 'a' }, ['args wrong-type: expected list, got string']],
    [{ must: 'x', args: ['a', 1] }, ['args[1] wrong-type: expected string, got number']],
    [{ must: 'x', port: [80] }, ['port wrong-type: expected any scalar, got list']],
    [{ must: 'x', env: [{ name: 'a' }, { name: 'a' }] }, ['env duplicate-key: duplicate entries for key [name="a"]']],
    [{ must: 'x', set: ['a', 'a'] }, ['set duplicate-key: duplicate entries for key [="a"]']],
    [
      { must: 'x', set: ['a', null] },
      [`set invalid-item: element 1: associative list without keys has an element that's an explicit null`],
    ],
    [
      { must: 'x', env: [null] },
      ['env invalid-item: element 0: associative list with keys may not have a null element'],
    ],
    [
      { must: 'x', env: ['a'] },
      ['env invalid-item: element 0: associative list with keys may not have non-map elements'],
    ],
    [
      { must: 'x', env: [{ value: 'a' }] },
      [
        `env invalid-item: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn't have default values for any key fields)`,
      ],
    ],
    [{}, ['must missing-required: Required value']],
    [{ must: null }, ['must missing-required: Required value']],
    [
      { must: 'x', policy: 'Sometimes' },
      ['policy bad-enum: Unsupported value: "Sometimes": supported values: "Always", "Never"'],
    ],
    [{ must: 'x', cpu: '1 Gi' }, ['cpu bad-format: not a quantity: "1 Gi"']],
    ['text', ['  wrong-type: expected map, got string'.trimStart()]],
  ];
  for (const [object, expected] of cases) {
    test(JSON.stringify(object), () =>
      assert.deepEqual(
        findings(object).map((one) => one.trimStart()),
        expected,
      ),
    );
  }

  test('an unset enum of a built-in kind is not wrong, of a custom kind it is', () => {
    assert.deepEqual(findings({ must: 'x', policy: '' }, { ...node, builtIn: true }), []);
    assert.equal(findings({ must: 'x', policy: '' }).length, 1);
  });

  test('a kind without a schema still has typed metadata (semantics M-3)', () => {
    const object = {
      apiVersion: 'v1',
      kind: 'X',
      metadata: { name: 'x', annotations: { a: 1 }, lables: {} },
      anything: { goes: 1 },
    };
    assert.deepEqual(findings(object, objectNode()), [
      'metadata.annotations.a wrong-type: expected string, got number',
      'metadata.lables unknown-field: field not declared in schema',
    ]);
  });

  test('merging alone asks for less', () => {
    const object = { policy: 'Sometimes', cpu: 'x', replicas: 1.5, wrong: 1 };
    const codes = validateObject(object, node, { mergeOnly: true }).map(({ code }) => code);
    assert.deepEqual(codes, ['unknown-field']);
  });

  test('live objects may hold items that share a key (semantics M-6)', () => {
    const object = { must: 'x', env: [{ name: 'a' }, { name: 'a' }] };
    assert.deepEqual(validateObject(object, node, { allowDuplicates: true }), []);
  });

  test("no message of a wrong type tells the value: it may be a Secret's (semantics S-1)", () => {
    for (const value of [271828, 'hunter2', true, ['hunter2'], { a: 'hunter2' }]) {
      const object = { must: value, labels: value, args: value, replicas: value, paused: value, port: value };
      assert.doesNotMatch(JSON.stringify(validateObject(object, node)), /hunter2|271828/);
    }
  });

  test('one finding is one line, several are a list', () => {
    const texts = [{ replica: 1 }, { replica: 1, labels: { 'a/b': 1 } }].map((object) =>
      describeFindings(validateObject(object, node, { mergeOnly: true })),
    );
    assert.deepEqual(texts, [
      '.replica: field not declared in schema',
      'errors:\n  .replica: field not declared in schema\n  .labels.a/b: expected string, got number',
    ]);
  });
});
