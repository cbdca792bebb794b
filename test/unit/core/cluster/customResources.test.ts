import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StatusError } from '../../../../src/core/cluster/statusError.ts';
import { fieldAt, stringAt } from '../../../../src/core/json.ts';
import { apiControllers } from '../../../../src/core/cluster/controllers/sandboxControllers.ts';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';
import { testCluster } from './testCluster.ts';

const definition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets, shortNames: [wd]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}, scale: {specReplicasPath: .spec.size, statusReplicasPath: .status.size}}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [color]
            properties:
              color: {type: string, enum: [red, blue]}
              size: {type: integer, default: 3, minimum: 1, maximum: 9}
              name: {type: string, pattern: "^[a-z]+$", minLength: 2}
              note: {type: string, nullable: true}
              free: {type: object, x-kubernetes-preserve-unknown-fields: true}
              port: {x-kubernetes-int-or-string: true}
              items: {type: array, maxItems: 2, items: {type: object, properties: {live: {type: boolean, default: true}}}}
          status: {type: object, properties: {size: {type: integer}}}
`;

function widget(spec: string, name = 'w'): string {
  return `{apiVersion: example.com/v1, kind: Widget, metadata: {name: ${name}}, spec: ${spec}}`;
}

describe('custom resources', () => {
  const at = testCluster(apiControllers);
  at.apply(definition);
  const widgets = at.kind('example.com/widgets');
  const get = (name = 'w'): KubeObject => at.cluster.get(widgets, 'default', name);

  test('are served as soon as their definition is there', () => {
    assert.deepEqual([widgets.kind, widgets.shortNames, widgets.namespaced], ['Widget', ['wd'], true]);
    const crd = at.cluster.get(at.kind('apiextensions.k8s.io/customresourcedefinitions'), '', 'widgets.example.com');
    assert.deepEqual(fieldAt(crd, 'status', 'storedVersions'), ['v1']);
  });

  test('are defaulted and pruned by their schema; preserved parts are not', () => {
    at.cluster.create(widgets, 'default', {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w' },
      spec: { color: 'red', odd: 1, note: null, free: { any: { thing: 1 } }, items: [{}] },
    });
    assert.deepEqual(get()['spec'], {
      color: 'red',
      note: null,
      free: { any: { thing: 1 } },
      items: [{ live: true }],
      size: 3,
    });
    assert.equal(get().metadata['generation'], 1);
  });

  const refusals = `
{color: green} | spec.color: Unsupported value: "green": supported values: "red", "blue"
{size: 2} | spec.color: Required value
{color: red, size: 0} | spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1
{color: red, size: 10} | spec.size: Invalid value: 10: spec.size in body should be less than or equal to 9
{color: red, size: 2.5} | spec.size: Invalid value: "number": spec.size in body must be of type integer: "number"
{color: red, size: "2"} | spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"
{color: red, name: A1} | spec.name: Invalid value: "A1": spec.name in body should match '^[a-z]+$'
{color: red, name: a} | spec.name: Invalid value: "a": spec.name in body should be at least 2 chars long
{color: red, items: [{}, {}, {}]} | spec.items: Too many: 3: must have at most 2 items
{color: red, port: true} | spec.port: Invalid value: "boolean": spec.port in body must be of type integer or string: "boolean"
`;
  for (const line of refusals.trim().split('\n')) {
    const [spec = '', expected = ''] = line.split(' | ');
    test(`${spec} is refused`, () => {
      const json = JSON.parse(
        spec
          .replaceAll(/([a-z]+):/g, '"$1":')
          .replaceAll(/: ([a-zA-Z]\w*)(?=[,}])/g, (_, word: string) => (word === 'true' ? ': true' : `: "${word}"`)),
      ) as object;
      const body = {
        apiVersion: 'example.com/v1',
        kind: 'Widget',
        metadata: { name: 'no' },
        spec: json,
      } as unknown as KubeObject;
      assert.throws(
        () => at.cluster.create(widgets, 'default', body),
        (error) => {
          assert.ok(StatusError.is(error, 'Invalid'), String(error));
          assert.equal(error.message, `Widget.example.com "no" is invalid: ${expected}`);
          return true;
        },
      );
    });
  }

  test('a null that the schema does not allow is dropped by a create and refused by an apply (semantics N-10)', () => {
    const body = {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'none' },
      spec: { color: 'red', name: null },
    };
    const { object } = at.cluster.create(widgets, 'default', body, { dryRun: true });
    assert.deepEqual(object['spec'], { color: 'red', size: 3 });
    assert.throws(
      () => at.apply(widget('{color: red, name: null}', 'none')),
      (error) => StatusError.is(error, 'Invalid') && error.message.includes('spec.name: Invalid value: "null"'),
    );
  });

  test('take no strategic merge patch', () => {
    assert.throws(
      () => at.cluster.patch(widgets, 'default', 'w', { spec: { size: 4 } }, { type: 'strategic' }),
      (error) => StatusError.is(error, 'UnsupportedMediaType'),
    );
  });

  test('go with their definition', () => {
    const crds = at.kind('apiextensions.k8s.io/customresourcedefinitions');
    const { gone } = at.cluster.delete(crds, '', 'widgets.example.com');
    assert.equal(gone, false);
    at.pass(1);
    assert.equal(at.cluster.find(crds, '', 'widgets.example.com'), undefined);
    assert.equal(at.cluster.catalog.preferred('example.com', 'widgets'), undefined);
    assert.equal(at.cluster.store.count('example.com/widgets'), 0);
    assert.equal(stringAt(widgets.custom?.openApi, 'type'), 'object');
  });
});
