import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nameOf } from '../../../../src/core/kube/objectKey.ts';
import { type ManifestDocument, type TextProblem, readManifests } from '../../../../src/core/manifest/readManifests.ts';

const read = (text: string): { documents: ManifestDocument[]; problems: TextProblem[] } =>
  readManifests(text, { profile: 'raw' });
const names = (documents: readonly ManifestDocument[]): string[] =>
  documents.map(({ object, documentIndex, itemIndex }) => {
    const place = itemIndex === undefined ? `${documentIndex}` : `${documentIndex}.${itemIndex}`;
    return `${place} ${object.apiVersion} ${object.kind} ${nameOf(object)}`;
  });
const configMap = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

/** A document, and what is said of it; an empty text where nothing is. */
const faults: [text: string, message: string][] = [
  ['kind: ConfigMap\nmetadata: {name: a}\n', 'ConfigMap has no usable apiVersion'],
  ['apiVersion: v1\nmetadata: {name: a}\n', 'The object has no usable kind'],
  ['apiVersion: v1\nkind: ConfigMap\n', 'ConfigMap has no usable metadata.name'],
  ['apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ""}\n', 'ConfigMap has no usable metadata.name'],
  ['apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 0123}\n', 'ConfigMap has no usable metadata.name'],
  [
    'apiVersion: v1\nkind: Job\nmetadata: {generateName: a-}\n',
    'Job has only a generateName, so its place in a cluster is not known',
  ],
  ['apiVersion: v1\nkind: yes\nmetadata: {name: a}\n', 'The object has no usable kind'],
  ['apiVersion: v1\nkind: List\nitems: [1]\n', 'Item 1 of the list is not a map'],
  ['apiVersion: v1\nkind: List\nitems: [{a: 1}]\n', 'Item 1 of the list has no usable apiVersion, kind, metadata.name'],
  // Not manifests at all, or kustomize's own.
  ['replicas: 3\nimage: {tag: x}\n', ''],
  ['just text\n', ''],
  ['[1, 2]\n', ''],
  ['apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n', ''],
  ['apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n', ''],
  ['kind: Kustomization\nresources: [a.yaml]\n', ''],
  ['apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata: {name: a}\n', ''],
  ['apiVersion: v1\nkind: ConfigMapList\nitems: []\n', ''],
];

describe('readManifests', () => {
  it('numbers documents as the stream has them, empty and wrong ones counted', () => {
    const { documents, problems } = read(`# head\n---\n${configMap('a')}---\n---\nx: [\n---\n${configMap('b')}`);
    assert.deepEqual(names(documents), ['0 v1 ConfigMap a', '3 v1 ConfigMap b']);
    assert.deepEqual(
      problems.map((problem) => problem.code),
      ['invalid-yaml'],
    );
  });

  it('gives the place of each document, without the blanks after it', () => {
    const text = `${configMap('a')}\n\n---\n${configMap('b')}  \n`;
    const spans = read(text).documents.map(({ span }) => text.slice(span.start, span.end));
    assert.deepEqual(spans, [configMap('a').trimEnd(), `---\n${configMap('b').trimEnd()}`]);
  });

  it('takes lists of objects apart, with the place of each item', () => {
    const items = ['a', 'b'].map((name) => `- apiVersion: v1\n  kind: Secret\n  metadata: {name: ${name}}\n`).join('');
    for (const text of [
      `apiVersion: v1\nkind: List\nitems:\n${items}metadata: {}\n`,
      `apiVersion: v1\nkind: List\nitems: &all\n${items}`,
      `apiVersion: v1\r\nkind: List\r\nitems:\r\n${items.replaceAll('\n', '\r\n')}`,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: ['a', 'b'].map((name) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name } })),
      }),
    ]) {
      const { documents, problems } = read(text);
      assert.deepEqual(problems, []);
      assert.deepEqual(names(documents), ['0.0 v1 Secret a', '0.1 v1 Secret b']);
      for (const { span } of documents)
        assert.match(text.slice(span.start, span.end), /^(?:\{"?)?apiVersion[^]+[ab]"?\}+$/);
    }
  });

  it('names the items of typed lists after the list', () => {
    const text =
      'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleList\nitems:\n- metadata: {name: a}\n- {apiVersion: x/v1, kind: Thing, metadata: {name: b}}\n';
    assert.deepEqual(names(read(text).documents), ['0.0 rbac.authorization.k8s.io/v1 Role a', '0.1 x/v1 Thing b']);
  });

  it('leaves an object alone whose kind only ends with List', () => {
    const text = 'apiVersion: example.com/v1\nkind: AllowList\nmetadata: {name: a}\nspec: {items: [1]}\n';
    assert.deepEqual(names(read(text).documents), ['0 example.com/v1 AllowList a']);
  });

  for (const [text, message] of faults) {
    it(`${message === '' ? 'passes over' : `says "${message}" of`} ${JSON.stringify(text)}`, () => {
      const { documents, problems } = read(text);
      assert.deepEqual(documents, []);
      assert.deepEqual(
        problems.map((problem) => problem.message),
        message === '' ? [] : [message],
      );
      for (const problem of problems) {
        assert.equal(problem.code, 'invalid-object');
        assert.notEqual(problem.remedy, undefined);
      }
    });
  }
});
