import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isJsonObject } from '../../../../src/core/json.ts';
import type { PathSegment } from '../../../../src/core/location.ts';
import { jsonAt } from '../../../../src/core/manifest/jsonAt.ts';
import { ManifestPositions, locate } from '../../../../src/core/manifest/locate.ts';
import { readYamlValues } from '../../../../src/core/manifest/readManifests.ts';
import type { Span } from '../../../../src/core/text/span.ts';
import { anyDocument, pathsOf, styles } from './arbitraries.ts';
import { path } from './path.ts';

const pod = `# head
---
apiVersion: v1
kind: Pod
metadata: &meta
  name: web   # the name
  labels: {app: "x", 'b/c': y}
spec:
  containers:
  # first
  - name: web
    image: "x:1"   # hi
    args: ['a', b, 3]
    ports:
    - containerPort: 80
      name:
    - containerPort: 53
      protocol: UDP
  - {name: side, image: q}
  text: |
    one
    two

  yes: 1
  twice: 1
  twice: 2
copy: *meta
merged:
  <<: *meta
  own: 1
`;

/** Path, key, value, and how deep it got where the path goes further. */
const rows: [path: string, key: string | undefined, value: string | undefined, deepest?: string, depth?: number][] = [
  ['metadata/name', 'name', 'web'],
  ['metadata/labels/app', 'app', '"x"'],
  ['metadata/labels/b~1c', "'b/c'", 'y'],
  ['spec/containers/name=web/image', 'image', '"x:1"'],
  ['spec/containers/name="side"/image', 'image', 'q'],
  ['spec/containers/#1/name', 'name', 'side'],
  ['spec/containers/name=web/args', 'args', "['a', b, 3]"],
  ['spec/containers/name=web/args/="b"', undefined, 'b'],
  ['spec/containers/name=web/args/=3', undefined, '3'],
  ['spec/containers/name=web/args/#0', undefined, "'a'"],
  ['spec/containers/name=web/ports/containerPort=80/name', 'name', ''],
  // The default of a key field that the file leaves out is not known here, and does not keep from finding the item.
  ['spec/containers/name=web/ports/containerPort=80,protocol="TCP"/containerPort', 'containerPort', '80'],
  ['spec/containers/name=web/ports/containerPort=53,protocol="UDP"/protocol', 'protocol', 'UDP'],
  ['spec/text', 'text', '|\n    one\n    two'],
  ['spec/true', 'yes', '1'],
  ['spec/twice', 'twice', '2'],
  ['copy/name', 'name', 'web'],
  ['merged/name', 'name', 'web'],
  ['merged/own', 'own', '1'],
  ['spec/containers/name=side', undefined, '{name: side, image: q}'],
  ['spec/replicas', undefined, undefined, 'spec', 1],
  ['spec/containers/name=web/ports/containerPort=53,protocol="TCP"', undefined, undefined, 'ports', 4],
  ['spec/containers/name=web/resources/limits', undefined, undefined, 'name: web', 3],
  ['spec/containers/name=none/image', undefined, undefined, 'containers', 2],
  ['spec/text/more', undefined, undefined, 'text', 2],
  ['status', undefined, undefined, 'apiVersion: v1', 0],
];

describe('locate', () => {
  const positions = new ManifestPositions(pod, 'raw');
  for (const [route, key, value, deepest, depth] of rows) {
    it(`finds ${route}`, () => {
      const place = positions.locate(0, path(route));
      assert.deepEqual([shown(pod, place?.key), shown(pod, place?.value)], [key, value]);
      assert.equal(place?.depth, depth ?? path(route).length);
      if (deepest !== undefined) assert.equal(shown(pod, place.deepest), deepest);
      else assert.equal(shown(pod, place.deepest), key ?? value);
    });
  }

  it('finds keys by their own profile', () => {
    assert.equal(locate(pod, 0, path('spec/true'), { profile: 'kustomize' })?.depth, 1);
    assert.equal(locate(pod, 0, path('spec/yes'), { profile: 'kustomize' })?.depth, 2);
  });

  it('counts from the start of the text, in every document', () => {
    const text = `\uFEFF# a\na: 1\n---\n# b\nb:\n  c: 2\n...\n---\nd: "x\ny"\ne: 3\n`;
    const at = (document: number, route: string): string | undefined =>
      shown(text, locate(text, document, path(route), { profile: 'raw' })?.value);
    assert.deepEqual([at(0, 'a'), at(1, 'b/c'), at(2, 'd'), at(2, 'e')], ['1', '2', '"x\ny"', '3']);
  });

  it('starts from an item of a list of objects', () => {
    const text = 'apiVersion: v1\nkind: List\nitems:\n- metadata: {name: a}\n- metadata: {name: b}\n';
    const at = (itemIndex: number): string | undefined =>
      shown(text, locate(text, 0, path('metadata/name'), { profile: 'raw', itemIndex })?.value);
    assert.deepEqual([at(0), at(1), at(2)], ['a', 'b', undefined]);
  });

  it('reads JSON files, tabs and all', () => {
    const text = '{\n\t"metadata": {\n\t\t"name": "a\\u0062"\n\t}\n}\n';
    const place = locate(text, 0, path('metadata/name'), { profile: 'raw' });
    assert.deepEqual([shown(text, place?.key), shown(text, place?.value)], ['"name"', '"a\\u0062"']);
  });

  it('has no place where the document is missing, empty or wrong', () => {
    for (const text of ['', 'a: 1\n', 'a: 1\n---\n', 'a: 1\n---\nb: [\n']) {
      assert.equal(locate(text, 1, path('b'), { profile: 'raw' }), undefined);
    }
  });

  it('ends on merges of merges', () => {
    const text = 'a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: [*b, *a]}\n';
    assert.equal(shown(text, locate(text, 0, path('c/x'), { profile: 'raw' })?.value), '1');
    assert.equal(locate(text, 0, path('c/z'), { profile: 'raw' })?.depth, 1);
  });
});

function shown(text: string, span: Span | undefined): string | undefined {
  return span === undefined ? undefined : text.slice(span.start, span.end);
}

describe('locate, for any document', () => {
  it('points at the text of every value and key', () => {
    let found = 0;
    fc.assert(
      fc.property(anyDocument, fc.constantFrom(...styles), (document, style) => {
        const text = style(document);
        const [value] = readYamlValues(text, { profile: 'raw' }).values;
        if (value === undefined || !isJsonObject(value)) return;
        const positions = new ManifestPositions(text, 'raw');
        for (const segments of pathsOf(value).slice(1)) {
          const place = positions.locate(0, segments);
          assert.equal(place?.depth, segments.length, text);
          const last = segments.at(-1) as PathSegment;
          if ('field' in last) assert.equal(`${nameOf(shown(text, place.key))}`, last.field);
          const held = shown(text, place.value) ?? '';
          const leaf = jsonAt(value, segments);
          // The lines of a block scalar mean nothing without their indentation; what is empty has no text.
          if (typeof leaf === 'object' || /^[|>]/.test(held)) continue;
          const read = readYamlValues(`v: ${held}\n`, { profile: 'raw' }).values[0];
          assert.deepEqual(read, { v: leaf }, `${held} in ${text}`);
          found++;
        }
      }),
      { numRuns: 500 },
    );
    assert.ok(found > 500, `only ${found} values were found`);
  });
});

/** A key of the text as the name that it has. */
function nameOf(key: string | undefined): string | undefined {
  // Indented, since `---` at the start of a line is no key.
  const [read] = readYamlValues(`map:\n  ${key ?? ''} : 1\n`, { profile: 'raw' }).values;
  return Object.keys((read as { map: object }).map)[0];
}

// A path is written with slashes; the checks above rely on how it is read.
describe('path', () => {
  it('reads every kind of segment', () => {
    const expected: PathSegment[] = [{ field: 'a/b' }, { index: 2 }, { key: { x: 1, y: 'z' } }, { value: 'v' }];
    assert.deepEqual(path('a~1b/#2/x=1,y=z/="v"'), expected);
  });
});
