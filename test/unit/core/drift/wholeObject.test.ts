import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type CompareInput, compareObject } from '../../../../src/core/drift/compareObject.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';
import { objectNode } from '../../../../src/core/schema/schemaNode.ts';

function object(annotations: JsonObject = {}, more: JsonObject = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'd', annotations, ...more } };
}

function compare(more: Partial<CompareInput>): string {
  const { status, ignored, note } = compareObject({
    node: objectNode(),
    applier: { managers: [], kind: 'unknown' },
    engine: 'direct',
    engineBehaviour: { takesOverKubectlEdits: false, selfHeal: false, suspended: false },
    hasInventory: false,
    secrets: 'compare',
    ...more,
  });
  return `${status} ${ignored}${note === undefined ? '' : ` (${note})`}`;
}

const desired = object();
const live = object();
const flux = 'kustomize.toolkit.fluxcd.io';
const argo = 'argocd.argoproj.io';

describe('an object that one side lacks', () => {
  const cases: [string, Partial<CompareInput>, string][] = [
    ['missing live, in the inventory', { desired, hasInventory: true, inInventory: true }, 'missing 0'],
    ['missing live, not in the inventory', { desired, hasInventory: true, inInventory: false }, 'create 0'],
    ['missing live, inventory silent', { desired, hasInventory: true }, 'create 0'],
    [
      'missing live, no inventory',
      { desired },
      'missing 0 (undetermined: nothing tells whether ConfigMap was ever applied)',
    ],
    ['missing live, applied before', { desired, applied: { basis: 'revision', object: desired } }, 'missing 0'],
    ['missing live, new in Git', { desired, applied: { basis: 'revision' } }, 'create 0'],
    ['missing live, attempted', { desired, applied: { basis: 'revision', alternative: desired } }, 'missing 0'],
    ['dropped in Git', { live, hasInventory: true, inInventory: true }, 'extra 0'],
    [
      'dropped, owned by a controller',
      { live: object({}, { ownerReferences: [{ kind: 'X', name: 'y', uid: 'z', controller: true }] }) },
      'synced 1',
    ],
    [
      'dropped, kept by Flux',
      { live: object({ [`${flux}/prune`]: 'Disabled' }), engine: 'flux' },
      `synced 1 (stays in the cluster: ${flux}/prune: disabled)`,
    ],
    [
      'dropped, kept by label',
      { live: object({}, { labels: { [`${flux}/reconcile`]: 'disabled' } }), engine: 'flux' },
      `synced 1 (stays in the cluster: ${flux}/reconcile: disabled)`,
    ],
    [
      'dropped, not to be pruned by Argo CD',
      { live: object({ [`${argo}/sync-options`]: 'Replace=true, Prune=false' }), engine: 'argocd' },
      `extra 0 (stays in the cluster: ${argo}/sync-options: Prune=false)`,
    ],
    [
      'dropped, extraneous to Argo CD',
      { live: object({ [`${argo}/compare-options`]: 'IgnoreExtraneous' }), engine: 'argocd' },
      `synced 1 (not counted as out of sync, and removed by a sync that prunes: ${argo}/compare-options: IgnoreExtraneous)`,
    ],
    [
      'dropped, extraneous to Argo CD and not to be pruned by it',
      {
        live: object({ [`${argo}/compare-options`]: 'IgnoreExtraneous', [`${argo}/sync-options`]: 'Prune=false' }),
        engine: 'argocd',
      },
      `synced 1 (stays in the cluster: ${argo}/sync-options: Prune=false)`,
    ],
    ['annotation of another engine', { live: object({ [`${flux}/prune`]: 'disabled' }), engine: 'argocd' }, 'extra 0'],
    [
      'a hook of Argo CD',
      { desired: object({ [`${argo}/hook`]: 'PostSync' }), engine: 'argocd' },
      'synced 0 (a hook: run by the engine, not kept)',
    ],
    [
      'a hook of Helm under Argo CD',
      { desired: object({ 'helm.sh/hook': 'pre-install' }), engine: 'argocd', hasInventory: true },
      'synced 0 (a hook: run by the engine, not kept)',
    ],
    [
      'crd-install is no hook',
      { desired: object({ 'helm.sh/hook': 'crd-install' }), engine: 'argocd', hasInventory: true },
      'create 0',
    ],
    [
      'applied by Flux only where absent, and absent',
      { desired: object({ [`${flux}/ssa`]: 'IfNotPresent' }), engine: 'flux', hasInventory: true },
      'create 0',
    ],
    [
      'applied by Flux only where absent, and there',
      { desired: object({ [`${flux}/ssa`]: 'IfNotPresent' }), live, engine: 'flux' },
      `synced 1 (the engine leaves it alone: ${flux}/ssa: IfNotPresent)`,
    ],
    [
      'set aside on the live object',
      { desired, live: object({ [`${flux}/ssa`]: 'Ignore' }), engine: 'flux' },
      `synced 0 (the engine leaves it alone: ${flux}/ssa: Ignore)`,
    ],
    ['nothing at all', {}, 'synced 0'],
  ];
  for (const [name, input, expected] of cases) test(name, () => assert.equal(compare(input), expected));
});
