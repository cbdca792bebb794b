import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { envsubst } from '../../../../src/core/delivery/flux/envsubst.ts';
import { inlineVariables, substituteVariables } from '../../../../src/core/delivery/flux/substitute.ts';
import type { Json, JsonObject } from '../../../../src/core/json.ts';

const variables = new Map(
  Object.entries({
    name: 'web',
    count: '3',
    yes: 'yes',
    empty: '',
    phrase: 'a b, c',
    quote: `it's "q"`,
    map: '{a: 1}',
    umlaut: 'äb',
    sigma: 'ΑΣ',
    sharp: 'straße',
    colon: 'a: b',
    path: 'C:\\new',
  }),
);

/** text, what Flux makes of it; undefined where it is not evaluated here. */
const texts: [string, string | undefined][] = [
  ['no variables', 'no variables'],
  // Each letter by itself, the last of a word too; what would become two letters is not evaluated.
  ['${sigma,,}', 'ασ'],
  ['${sharp^}', 'Straße'],
  ['${sharp^^}', undefined],
  // No number of 64 bits is none at all.
  ['${name:9223372036854775808}', 'web'],
  ['${name:1:99999999999999999999}', 'web'],
  ['${name:9223372036854775807}', ''],
  ['$name costs $5', '$name costs $5'],
  ['${name}', 'web'],
  ['a${name}b${count}', 'awebb3'],
  ['<${empty}>', '<>'],
  ['<${missing}>', undefined],
  ['${missing^}', undefined],
  ['${#missing}', undefined],
  ['${empty:-a}', 'a'],
  ['$${name}', '${name}'],
  ['$$$${name}', '$${name}'],
  ['$$${name}', '$web'],
  ['100$$', '100$'],
  ['${missing:-a b}', 'a b'],
  ['${missing:=a}', 'a'],
  ['${missing=a}', 'a'],
  ['${name:-a}', 'web'],
  ['${missing:-}', ''],
  ['${name^^} ${name^}', 'WEB Web'],
  ['${name,,}', 'web'],
  ['${#phrase} ${#umlaut}', '6 3'],
  ['${phrase:2}', 'b, c'],
  ['${phrase:2:1}', 'b'],
  ['${phrase:1:-1}', ' b, '],
  ['${phrase:-1}', 'a b, c'],
  ['${phrase:9}', ''],
  ['${phrase:x}', 'a b, c'],
  ['${name', undefined],
  ['${}', undefined],
  ['${a.b}', undefined],
  ['${name-x}', undefined],
  ['${missing:-${name}}', undefined],
  ['${name#w}', undefined],
  ['${name/w/x}', undefined],
  ['${umlaut:1}', undefined],
];

for (const [text, expected] of texts) {
  test(`envsubst: ${text}`, () => {
    const result = envsubst(text, variables);
    if (expected === undefined) assert.notEqual(typeof result, 'string');
    else assert.equal(result, expected);
  });
}

describe('in an object, as text that is read again', () => {
  const of = (data: JsonObject, metadata: JsonObject = {}): ReturnType<typeof substituteVariables> =>
    substituteVariables({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', ...metadata }, data }, variables);
  const value = (text: string): Json => {
    const object = of({ value: text });
    assert.ok('data' in object, JSON.stringify(object));
    return (object['data'] as JsonObject)['value'] ?? null;
  };
  const cases: [string, Json][] = [
    ['${count}', 3],
    ['${count}0', 30],
    ['-${count}', -3],
    ['${yes}', true],
    ['${empty}', null],
    ['${map}', { a: 1 }],
    ['${phrase}', 'a b, c'],
    ['${quote}', `it's "q"`],
    ['${path}', 'C:\\new'],
    ['${name}: ${count}', 'web: 3'],
    ['# ${name}', '# web'],
    [' ${count}', ' 3'],
    ['line ${count}\nnext ${quote}\n', `line 3\nnext it's "q"\n`],
    ['${count}\n', '3\n'],
    ['a\n\n${name}', 'a\n\nweb'],
    ['a\n${name}\n\n', 'a\nweb\n\n'],
  ];
  for (const [text, expected] of cases) {
    test(JSON.stringify(text), () => assert.deepEqual(value(text), expected));
  }

  test('items of lists, keys, and nothing but texts', () => {
    const object = of({ list: ['${count}', 1, ['${name}']] as Json, '${name}': '${name}' });
    assert.ok('data' in object);
    assert.deepEqual(object['data'], { list: [3, 1, ['web']], web: 'web' });
  });
  test('a colon makes a map of an item, and no YAML of a field', () => {
    const object = of({ list: ['${colon}'] as Json });
    assert.ok('data' in object);
    assert.deepEqual(object['data'], { list: [{ a: 'b' }] });
    assert.match((of({ value: '${colon}' }) as { fault: string }).fault, /no YAML any more/);
  });
  test('what opts out, and what cannot be evaluated', () => {
    const annotations = { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' };
    const object = of({ value: '${name' }, { annotations });
    assert.ok('data' in object);
    assert.match((of({ value: '${name' }) as { fault: string }).fault, /\$\{.* is not understood/);
    assert.match((of({ value: '${name}' }, { name: '${empty}' }) as { fault: string }).fault, /no object any more/);
  });
  test('a key cannot reach the prototype', () => {
    const object = substituteVariables(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { '${key}': 'x' } },
      new Map([['key', '__proto__']]),
    );
    assert.ok('fault' in object);
  });
});

test('variables that are spelt out, without their line breaks; none means that nothing is replaced', () => {
  const of = (postBuild: JsonObject): ReadonlyMap<string, string> | undefined =>
    inlineVariables({ apiVersion: 'x/v1', kind: 'Kustomization', metadata: { name: 'x' }, spec: { postBuild } });
  assert.deepEqual(of({ substitute: { a: 'x\ny' } }), new Map([['a', 'xy']]));
  assert.equal(of({ substitute: {} }), undefined);
  assert.equal(of({}), undefined);
});
