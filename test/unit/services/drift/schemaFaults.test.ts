import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Application } from '../../../../src/core/delivery/application.ts';
import { type KubeObject, keyOf } from '../../../../src/core/kube/objectKey.ts';
import {
  booleanNode,
  integerNode,
  objectNode,
  stringNode,
  structNode,
} from '../../../../src/core/schema/schemaNode.ts';
import type { ApiResource } from '../../../../src/ports/cluster.ts';
import { faultProblem, schemaFaults } from '../../../../src/services/drift/schemaFaults.ts';
import type { Target } from '../../../../src/services/drift/target.ts';

const node = {
  ...structNode({
    apiVersion: stringNode,
    kind: stringNode,
    metadata: objectNode(),
    spec: { ...structNode({ size: integerNode, on: booleanNode, name: stringNode }), required: ['name'] },
  }),
};
const widget = (spec: object): KubeObject =>
  ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w', namespace: 'shop' }, spec }) as KubeObject;
const target = (object: KubeObject, resource: ApiResource | undefined = {} as ApiResource): Target => ({
  application: { id: 'a' } as Application,
  rendered: { object },
  key: keyOf(object),
  version: 'v1',
  resource,
});

describe('what the API server would refuse', () => {
  const cases: [name: string, spec: object, live: object | undefined, said: string[]][] = [
    ['nothing', { name: 'x', size: 1 }, undefined, []],
    ['an unknown field', { name: 'x', sise: 1 }, { name: 'x' }, ['unknown-field']],
    ['an unknown field that the cluster holds', { name: 'x', sise: 1 }, { name: 'x', sise: 2 }, []],
    ['a wrong type', { name: 'x', size: 'big' }, undefined, ['wrong-type']],
    ['a required field', { size: 1 }, undefined, ['missing-required']],
    ['a required field that another applier gives', { size: 1 }, { name: 'x' }, []],
  ];
  for (const [name, spec, live, said] of cases) {
    test(name, () => {
      const faults = schemaFaults(target(widget(spec)), live && widget(live), node);
      assert.deepEqual(
        faults.map(({ code }) => code),
        said,
      );
    });
  }

  test('nothing is said of a kind that is not served yet, nor of what SOPS encrypted', () => {
    const wrong = widget({ size: 'big' });
    assert.deepEqual(schemaFaults({ ...target(wrong), resource: undefined }, undefined, node), []);
    assert.deepEqual(schemaFaults(target({ ...wrong, sops: {} }), undefined, node), []);
  });

  test('is a problem with its place', () => {
    const wrong = target(widget({ name: 'x', size: 'big' }));
    const [fault] = schemaFaults(wrong, undefined, node);
    assert.ok(fault);
    const problem = faultProblem(wrong, fault, { file: 'w.yaml', line: 7, via: 'manifest' });
    assert.equal(
      problem.message,
      'Widget shop/w has a wrong value: spec.size: expected numeric (int or float), got string.',
    );
    assert.deepEqual([problem.severity, problem.location?.line], ['warning', 7]);
  });
});
