import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { embeddedText } from '../../../../src/core/kustomize/embedded.ts';
import { withoutSchemas } from '../../../../src/core/kustomize/slim.ts';
import { childOf, parseYamlTree } from '../../../../src/core/kustomize/yamlTree.ts';

describe('text inside of a scalar', () => {
  const cases: [string, string, boolean][] = [
    ['a literal block', 'a: |-\n  one\n    two\n\n  three\nb: 1\n', true],
    ['a literal block with a sign of its indentation', 'a: |2\n    one\n  two\n', true],
    ['a literal block with CRLF', 'a: |\r\n  one\r\n  two\r\n', true],
    ['single quotes', 'a: \'[{"op": "add"}]\'\n', true],
    ['double quotes without escapes', 'a: "[{op: add}]"\n', true],
    ['plain', 'a: b c\n', true],
    ['a folded block', 'a: >\n  one\n  two\n', false],
    ['escapes', 'a: "one\\ntwo"\n', false],
    ['doubled quotes', "a: 'it''s'\n", false],
  ];
  for (const [name, file, told] of cases) {
    test(`${name}: ${told ? 'each character knows its place' : 'no place is claimed'}`, () => {
      const [document] = parseYamlTree(file).documents;
      const node = document && childOf(document.contents, 'a', document);
      assert.ok(node !== undefined);
      const embedded = embeddedText(file, node);
      assert.equal(embedded !== undefined, told);
      for (const [offset, character] of Array.from(embedded?.text ?? '').entries()) {
        if (character !== '\n') assert.equal(file[embedded?.outer(offset) ?? -1], character, String(offset));
      }
    });
  }
});

test('schemas of CRDs are left out, and nothing else', () => {
  const long = Array.from({ length: 2_000 }, (_, line) => `  field${line}: {type: string}`).join('\n');
  const crd = `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: x\nspec:\n${long}\nstatus:\n  a: b\n`;
  const other = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\nspec:\n${long}\n`;
  const slim = withoutSchemas(`${crd}---\n${other}`);
  assert.equal(slim, `${crd.replace(/spec:\n[^]*\n(?=status)/, '')}---\n${other}`);
  assert.equal(withoutSchemas(other), undefined);
  assert.equal(withoutSchemas(crd.slice(0, 1_000)), undefined);
});
