import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json, JsonObject } from '../../../../src/core/json.ts';
import { crdSchema, readCrd } from '../../../../src/core/schema/crdSchema.ts';
import { OpenApiSchema } from '../../../../src/core/schema/openApiSchema.ts';
import { convertSchema } from '../../../../src/core/schema/schemaConverter.ts';
import {
  type SchemaNode,
  atomicNode,
  deducedNode,
  metadataNode,
  objectNode,
} from '../../../../src/core/schema/schemaNode.ts';

/** A node in one line: `{a: string, b?: [name]{…}}`. Lists: `[]` atomic, `[set]`, `[key,key]`. `=` marks an atomic map. */
function show(node: SchemaNode, depth = 3): string {
  if (node === deducedNode || isDeduced(node)) return 'deduced';
  if (node === atomicNode) return 'atomic';
  const { scalar, list, map } = node;
  const parts: string[] = [];
  if (scalar !== undefined) parts.push(node.format === undefined ? scalar : `${scalar}(${node.format})`);
  if (list !== undefined) {
    const kind = list.relationship === 'map' ? list.keys.join(',') : list.relationship === 'set' ? 'set' : '';
    parts.push(`[${kind}]${depth === 0 ? '…' : show(list.items, depth - 1)}`);
  }
  if (map !== undefined) {
    const fields = [...(map.fields ?? [])].map(
      ([name, type]) => `${name}: ${depth === 0 ? '…' : show(type, depth - 1)}`,
    );
    if (map.values !== undefined) fields.push(`*: ${depth === 0 ? '…' : show(map.values, depth - 1)}`);
    parts.push(`${map.relationship === 'atomic' ? '=' : ''}{${fields.join(', ')}}`);
  }
  return parts.join('|');
}

function isDeduced(node: SchemaNode): boolean {
  return (
    node.scalar === 'untyped' &&
    node.list?.relationship === 'atomic' &&
    node.map?.fields === undefined &&
    node.map?.relationship === 'granular'
  );
}

describe('one schema (semantics M-1 to M-4)', () => {
  const cases: [JsonObject, string][] = [
    [{ type: 'string' }, 'string'],
    [{ type: 'string', format: 'byte' }, 'string(byte)'],
    [{ type: 'string', format: 'date-time' }, 'untyped(date-time)'],
    [{ type: 'integer' }, 'numeric'],
    [{ type: 'number', format: 'double' }, 'numeric(double)'],
    [{ type: 'boolean' }, 'boolean'],
    [{ format: 'int-or-string', oneOf: [] }, 'untyped(int-or-string)'],
    [{ 'x-kubernetes-int-or-string': true }, 'untyped(int-or-string)'],
    [{}, 'deduced'],
    [{ type: 'nonsense' }, 'deduced'],
    [{ type: 'object' }, '{*: deduced}'],
    [{ type: 'object', properties: { a: { type: 'string' } } }, '{a: string}'],
    [{ type: 'object', additionalProperties: { type: 'integer' } }, '{*: numeric}'],
    [{ type: 'object', additionalProperties: true }, '{*: deduced}'],
    [{ type: 'object', additionalProperties: false }, '{}'],
    [{ type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { a: {} } }, '={a: deduced}'],
    [
      {
        type: 'object',
        'x-kubernetes-preserve-unknown-fields': true,
        properties: { a: { type: 'object', properties: { b: {} } } },
      },
      '{a: {b: deduced, *: deduced}, *: deduced}',
    ],
    [{ type: 'array', items: { type: 'string' } }, '[]string'],
    [{ type: 'array' }, '[]atomic'],
    [{ type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' }, '[set]string'],
    [
      {
        type: 'array',
        items: { type: 'object' },
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['a', 'b'],
      },
      '[a,b]{*: deduced}',
    ],
    [{ type: 'array', items: {}, 'x-kubernetes-list-type': 'map' }, '[]deduced'],
    [{ type: 'array', items: {}, 'x-kubernetes-list-type': 'odd' }, '[]deduced'],
    [
      { type: 'array', items: {}, 'x-kubernetes-patch-strategy': 'merge', 'x-kubernetes-patch-merge-key': 'k' },
      '[k]deduced',
    ],
    [
      {
        type: 'array',
        items: {},
        'x-kubernetes-patch-strategy': 'merge,retainKeys',
        'x-kubernetes-patch-merge-key': 'k',
      },
      '[k]deduced',
    ],
    [{ type: 'array', items: {}, 'x-kubernetes-patch-strategy': 'merge' }, '[set]deduced'],
    [{ type: 'array', items: {}, 'x-kubernetes-patch-strategy': 'retainKeys' }, '[]deduced'],
    [
      {
        type: 'array',
        items: {},
        'x-kubernetes-list-type': 'atomic',
        'x-kubernetes-patch-strategy': 'merge',
        'x-kubernetes-patch-merge-key': 'k',
      },
      '[]deduced',
    ],
  ];
  for (const [schema, expected] of cases) {
    test(JSON.stringify(schema), () => assert.equal(show(convertSchema(schema, () => undefined)), expected));
  }

  test('what is no schema is deduced', () => {
    for (const wrong of [null, 1, 'x', [], undefined])
      assert.equal(
        convertSchema(wrong, () => undefined),
        deducedNode,
      );
  });
});

const reference = (name: string, more: JsonObject = {}): JsonObject => ({
  $ref: `#/components/schemas/${name}`,
  ...more,
});
const gvk = { group: 'g.io', version: 'v1', kind: 'Thing' };
const document: Json = {
  components: {
    schemas: {
      'io.k8s.api.g.v1.Thing': {
        type: 'object',
        'x-kubernetes-group-version-kind': [gvk, 'nonsense', { group: 'g.io' }],
        properties: {
          plain: reference('Part'),
          inAll: { allOf: [reference('Part')], default: {}, nullable: true },
          atomic: { allOf: [reference('Part')], 'x-kubernetes-map-type': 'atomic' },
          asSet: { allOf: [reference('Strings')], 'x-kubernetes-list-type': 'set' },
          cpu: reference('io.k8s.apimachinery.pkg.api.resource.Quantity'),
          raw: reference('io.k8s.apimachinery.pkg.runtime.RawExtension'),
          lost: reference('NotThere'),
          loop: reference('LoopA'),
          strategy: { allOf: [reference('Part')], 'x-kubernetes-patch-strategy': 'retainKeys' },
          merged: {
            type: 'array',
            items: {},
            'x-kubernetes-patch-strategy': 'merge,retainKeys',
            'x-kubernetes-patch-merge-key': 'k',
          },
        },
      },
      Part: {
        type: 'object',
        required: ['a'],
        properties: { a: { type: 'string', enum: ['x', 'y'] }, more: reference('Part') },
      },
      Strings: { type: 'array', items: { type: 'string' } },
      LoopA: reference('LoopB'),
      LoopB: reference('LoopA'),
      'io.k8s.apimachinery.pkg.api.resource.Quantity': { oneOf: [{ type: 'string' }, { type: 'number' }] },
      'io.k8s.apimachinery.pkg.runtime.RawExtension': { type: 'object' },
      Broken: 7,
    },
  },
};

describe('a document', () => {
  const schema = new OpenApiSchema(document);
  const thing = schema.schemaFor(gvk);
  const part = (name: string): SchemaNode => {
    const found = thing?.map?.fields?.get(name);
    assert.ok(found !== undefined, name);
    return found;
  };

  test('knows its kinds', () => {
    assert.deepEqual(schema.kinds, [gvk]);
    assert.equal(schema.schemaFor({ ...gvk, version: 'v2' }), undefined);
    assert.equal(schema.schemaFor(gvk), thing);
    assert.equal(thing?.builtIn, true);
  });

  test('types refer to themselves', () => {
    let node = part('plain');
    for (let depth = 0; depth < 20; depth++) node = node.map?.fields?.get('more') ?? deducedNode;
    assert.equal(show(node, 0), '{a: …, more: …}');
    assert.deepEqual(part('plain').required, ['a']);
    assert.deepEqual(node.map?.fields?.get('a')?.enum, ['x', 'y']);
  });

  test('the place of use adds to a type and overrides it (semantics M-4)', () => {
    assert.deepEqual(part('inAll').default, {});
    assert.equal(part('inAll').nullable, true);
    assert.equal(show(part('inAll'), 0), '{a: …, more: …}');
    assert.equal(show(part('atomic'), 0), '={a: …, more: …}');
    assert.equal(show(part('asSet')), '[set]string');
    assert.equal(show(part('plain'), 0), '{a: …, more: …}', 'the type itself stays');
    assert.deepEqual(part('strategy').patchStrategy, ['retainKeys']);
    assert.deepEqual(part('merged').patchStrategy, ['merge', 'retainKeys']);
    assert.equal(part('merged').patchMergeKey, 'k');
  });

  test('types that the server knows by name', () => {
    assert.equal(show(part('cpu')), 'untyped(quantity)');
    assert.equal(part('raw'), atomicNode);
  });

  test('what leads nowhere is deduced', () => {
    assert.equal(part('lost'), deducedNode);
    assert.equal(show(part('loop')), 'deduced');
  });

  test('a document that is none has no kinds', () => {
    for (const wrong of [null, 1, [], {}, { components: { schemas: 'x' } }] satisfies Json[]) {
      assert.deepEqual(new OpenApiSchema(wrong).kinds, []);
    }
  });
});

describe('CRDs', () => {
  const crd: Json = {
    spec: {
      group: 'g.io',
      names: { kind: 'Foo', plural: 'foos' },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                metadata: { type: 'object', properties: { name: { type: 'string', maxLength: 5 } } },
                spec: {
                  type: 'object',
                  properties: {
                    template: {
                      type: 'object',
                      'x-kubernetes-embedded-resource': true,
                      'x-kubernetes-preserve-unknown-fields': true,
                    },
                    port: { 'x-kubernetes-int-or-string': true },
                    when: { type: 'string', format: 'date-time', nullable: true },
                  },
                },
              },
            },
          },
        },
        { name: 'v1alpha1', served: false, storage: false },
        { served: true },
      ],
    },
  };

  test('each version is a kind', () => {
    const versions = readCrd(crd);
    assert.deepEqual(
      versions.map(({ schema: _, ...rest }) => rest),
      [
        {
          gvk: { group: 'g.io', version: 'v1', kind: 'Foo' },
          served: true,
          storage: true,
          resource: 'foos',
          namespaced: true,
          hasStatus: true,
        },
        {
          gvk: { group: 'g.io', version: 'v1alpha1', kind: 'Foo' },
          served: false,
          storage: false,
          resource: 'foos',
          namespaced: true,
          hasStatus: false,
        },
      ],
    );
    const node = versions[0]?.schema;
    assert.equal(node?.map?.fields?.get('metadata'), metadataNode);
    assert.equal(node.map.fields.get('apiVersion')?.scalar, 'string');
    const spec = node.map.fields.get('spec')?.map?.fields;
    assert.equal(spec?.get('template')?.map?.fields?.get('metadata'), metadataNode);
    assert.equal(show(spec.get('port') ?? deducedNode), 'untyped(int-or-string)');
    assert.equal(spec.get('when')?.nullable, true);
    assert.equal(node.builtIn, undefined);
  });

  test('without a schema the object is deduced, its metadata is not (semantics M-3)', () => {
    assert.equal(readCrd(crd)[1]?.schema, objectNode());
    assert.equal(crdSchema('x'), objectNode());
    assert.equal(objectNode().map?.fields?.get('metadata')?.map?.fields?.get('finalizers')?.list?.relationship, 'set');
    assert.deepEqual(objectNode().map?.fields?.get('metadata')?.map?.fields?.get('ownerReferences')?.list?.keys, [
      'uid',
    ]);
  });

  test('what is no CRD declares no kind', () => {
    for (const wrong of [
      null,
      {},
      { spec: { group: 'g' } },
      { spec: { group: 'g', names: { kind: 'K', plural: 'ks' } } },
    ]) {
      assert.deepEqual(readCrd(wrong as Json), []);
    }
  });
});
