import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readFieldsV1 } from '../../../../src/core/apply/fieldsV1.ts';
import { holdsAll } from '../../../../src/core/drift/holdsAll.ts';
import { isPerson, isTakenOverByFlux } from '../../../../src/core/drift/managerKind.ts';
import { ownersBelow, readOwners } from '../../../../src/core/drift/ownership.ts';
import type { Json, JsonObject } from '../../../../src/core/json.ts';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';
import { deducedNode } from '../../../../src/core/schema/schemaNode.ts';

function live(...managedFields: JsonObject[]): KubeObject {
  return { apiVersion: 'v1', kind: 'X', metadata: { name: 'x', managedFields } };
}

const fields: JsonObject = { 'f:spec': { 'f:size': {} } };

describe('readOwners', () => {
  const namesOf = (object: KubeObject): string[] =>
    ownersBelow(ownersBelow(readOwners(object), 'f:spec', 'granular'), 'f:size', 'granular').map(
      ({ manager }) => manager.name,
    );

  test('entries as the server sends them, and as lists keep them', () => {
    const plain = { manager: 'plain', operation: 'Apply', fieldsV1: fields };
    const compact = { manager: 'compact', operation: 'Update', fieldsV1: JSON.stringify(fields) };
    assert.deepEqual(namesOf(live(plain, compact)), ['plain', 'compact']);
  });

  test('an entry that cannot be read costs itself alone', () => {
    const good = { manager: 'good', operation: 'Apply', fieldsV1: fields };
    const bad: JsonObject[] = [
      { manager: 'text', operation: 'Apply', fieldsV1: '{' },
      { manager: 'list', operation: 'Apply', fieldsV1: [] },
      { manager: 'operation', operation: 'Delete', fieldsV1: fields },
      { operation: 'Apply', fieldsV1: fields },
      { manager: 'element', operation: 'Apply', fieldsV1: { 'x:y': {} } },
    ];
    assert.deepEqual(namesOf(live(...bad, good)), ['good']);
  });
});

describe('holdsAll', () => {
  const value: Json = { delay: 0, probe: { port: 0 } };
  const cases: [string, JsonObject, boolean][] = [
    ['every leaf', { 'f:delay': {}, 'f:probe': { 'f:port': {} } }, true],
    ['the whole', { '.': {} }, true],
    ['a part', { 'f:delay': {} }, false],
    ['nothing', {}, false],
  ];
  for (const [name, owned, expected] of cases) {
    test(name, () => {
      const set = readFieldsV1({ 'f:x': Object.hasOwn(owned, '.') ? {} : owned })?.child('f:x');
      const owners = set === undefined ? [] : [{ manager: { name: 'm', operation: 'Apply' as const }, owned: set }];
      assert.equal(holdsAll(name === 'nothing' ? [] : owners, value, deducedNode, false), expected);
    });
  }
});

describe('managers by their names', () => {
  const cases: [string, boolean][] = [
    ['kubectl-edit', true],
    ['kubectl', true],
    ['k9s', true],
    ['Mozilla', true],
    ['kube-controller-manager', false],
    ['kustomize-controller', false],
    ['my-operator', false],
  ];
  for (const [name, person] of cases) {
    test(`${name} is ${person ? 'a person' : 'no person'}`, () => assert.equal(isPerson({ name }), person));
  }

  const taken: [string, 'Apply' | 'Update', string | undefined, boolean][] = [
    ['kubectl-edit', 'Update', undefined, true],
    ['kubectl', 'Apply', undefined, true],
    ['kubectl-edit', 'Update', 'status', false],
    ['kubectl-other', 'Apply', undefined, false],
    ['before-first-apply', 'Update', undefined, true],
    ['k9s', 'Update', undefined, false],
  ];
  for (const [name, operation, subresource, expected] of taken) {
    test(`Flux ${expected ? 'takes over' : 'leaves'} ${name} ${operation} ${subresource ?? ''}`, () => {
      const manager = { name, operation, ...(subresource === undefined ? {} : { subresource }) };
      assert.equal(isTakenOverByFlux(manager), expected);
    });
  }
});
