import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import type { JsonObject } from '../../../../src/core/json.ts';
import { overlayText } from '../../../../src/core/kustomize/overlayText.ts';

const overlaid = (text: string, overlay: JsonObject): unknown => {
  const result = overlayText(text, overlay);
  assert.ok(result !== undefined);
  return parse(result.text);
};

describe('fields of the engine over a kustomization', () => {
  const cases: [string, string, JsonObject, unknown][] = [
    ['a new field', 'resources: [a]', { namespace: 'x' }, { resources: ['a'], namespace: 'x' }],
    ['an empty file', '', { namespace: 'x' }, { namespace: 'x' }],
    [
      'a field that is set',
      'namespace: a # mine\nresources: [a]\n',
      { namespace: 'x' },
      { namespace: 'x', resources: ['a'] },
    ],
    [
      'a field without a value',
      'namespace:\nresources: [a]\n',
      { namespace: 'x' },
      { namespace: 'x', resources: ['a'] },
    ],
    [
      'a list in blocks',
      'patches:\n  - path: a\n  # last\nnamespace: n\n',
      { patches: [{ path: 'b' }] },
      { patches: [{ path: 'a' }, { path: 'b' }], namespace: 'n' },
    ],
    [
      'a list at the margin',
      'patches:\n- path: a\nnamespace: n\n',
      { patches: [{ path: 'b' }] },
      { patches: [{ path: 'a' }, { path: 'b' }], namespace: 'n' },
    ],
    [
      'a list in brackets',
      'patches: [{path: a}]\n',
      { patches: [{ path: 'b' }] },
      { patches: [{ path: 'a' }, { path: 'b' }] },
    ],
    [
      'an empty list',
      'patches: []\nnamespace: n\n',
      { patches: [{ path: 'b' }] },
      { patches: [{ path: 'b' }], namespace: 'n' },
    ],
    [
      'a list without a value',
      'patches:\nnamespace: n\n',
      { patches: [{ path: 'b' }] },
      { patches: [{ path: 'b' }], namespace: 'n' },
    ],
    [
      'an inline patch at the end',
      'patches:\n- patch: |-\n    - op: add\n      path: /x\n',
      { patches: [{ patch: '- op: remove\n  path: "/y"\n' }] },
      { patches: [{ patch: '- op: add\n  path: /x' }, { patch: '- op: remove\n  path: "/y"\n' }] },
    ],
    [
      'images by name',
      'images:\n- name: a\n  newTag: "1"\n- name: b\n  newTag: "1"\nnamespace: n\n',
      {
        images: [
          { name: 'a', newTag: '2' },
          { name: 'c', newTag: '3' },
        ],
      },
      {
        images: [
          { name: 'a', newTag: '2' },
          { name: 'b', newTag: '1' },
          { name: 'c', newTag: '3' },
        ],
        namespace: 'n',
      },
    ],
    [
      'without a line feed at the end',
      'images:\n- name: a',
      { images: [{ name: 'b' }] },
      { images: [{ name: 'a' }, { name: 'b' }] },
    ],
  ];
  for (const [name, text, overlay, expected] of cases) {
    test(name, () => assert.deepEqual(overlaid(text, overlay), expected));
  }

  test('what is no kustomization is left to the scan', () => {
    for (const text of ['- a\n', 'a: [\n', 'a: 1\n---\nb: 1\n'])
      assert.equal(overlayText(text, { namespace: 'x' }), undefined);
  });

  test('every character that stays knows where it was, every other that it was not', () => {
    const names = fc.constantFrom('a', 'b', 'c');
    const entry = names.map((name) => ({ name, newTag: '1' }));
    const images = fc.array(entry, { maxLength: 3 });
    fc.assert(
      fc.property(images, images, fc.boolean(), fc.boolean(), (own, added, flow, namespace) => {
        const list = flow
          ? ` [${own.map((one) => `{name: ${one.name}}`).join(', ')}]\n`
          : `\n${own.map((one) => `- name: ${one.name}\n  newTag: x\n`).join('')}`;
        const text = `${namespace ? 'namespace: own\n' : ''}images:${list}resources: [r]\n`;
        const result = overlayText(text, { images: added, namespace: 'engine' });
        assert.ok(result !== undefined);
        const seen = new Set<number>();
        for (let offset = 0; offset < result.text.length; offset++) {
          const original = result.originalOffset(offset);
          if (original === undefined) continue;
          assert.equal(result.text[offset], text[original]);
          assert.ok(!seen.has(original));
          seen.add(original);
        }
        const value = parse(result.text) as { namespace: string; images: { name: string }[] | null };
        assert.equal(value.namespace, 'engine');
        for (const one of added) assert.ok(value.images?.some((image) => image.name === one.name));
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
