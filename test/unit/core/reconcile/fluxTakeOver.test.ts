import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readManagedFields } from '../../../../src/core/apply/managedFields.ts';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';
import { afterTakeOver } from '../../../../src/core/reconcile/fluxTakeOver.ts';

const entry = (manager: string, operation: string, field: string): object => ({
  manager,
  operation,
  apiVersion: 'v1',
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:metadata': { 'f:labels': { [`f:${field}`]: {} } } },
});

function object(managedFields: object[], metadata: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', namespace: 'b', ...metadata, managedFields },
  } as unknown as KubeObject;
}

const owned = (live: KubeObject | undefined): string[] =>
  (live === undefined ? [] : (readManagedFields(live) ?? [])).map(
    (item) =>
      `${item.manager}/${item.operation}: ${[...item.set.paths()].map((path) => JSON.stringify(path.at(-1))).join(' ')}`,
  );

const cases: [string, KubeObject, string[] | undefined][] = [
  ['nothing of kubectl', object([entry('kustomize-controller', 'Apply', 'x'), entry('k9s', 'Update', 'y')]), undefined],
  [
    'an edit of kubectl becomes Flux’s own',
    object([entry('kustomize-controller', 'Apply', 'x'), entry('kubectl-edit', 'Update', 'y')]),
    ['kustomize-controller/Apply: {"field":"x"} {"field":"y"}'],
  ],
  [
    'another manager keeps its own',
    object([entry('kubectl-label', 'Update', 'y'), entry('k9s', 'Update', 'z')]),
    ['kustomize-controller/Apply: {"field":"y"}', 'k9s/Update: {"field":"z"}'],
  ],
  [
    'ssa: Merge takes nothing over',
    object([entry('kubectl-edit', 'Update', 'y')], { annotations: { 'kustomize.toolkit.fluxcd.io/ssa': 'Merge' } }),
    undefined,
  ],
];

for (const [name, live, expected] of cases) {
  test(`taking over (semantics F-9): ${name}`, () => {
    const result = afterTakeOver(live);
    if (expected === undefined) assert.equal(result, undefined);
    else assert.deepEqual(owned(result), expected);
  });
}
