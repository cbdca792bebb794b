import { type ObjectComparison, compareObject } from '../../../src/core/drift/compareObject.ts';
import { detectApplier } from '../../../src/core/drift/detectApplier.ts';
import { type KubeObject, groupVersionKindOf } from '../../../src/core/kube/objectKey.ts';
import { objectNode } from '../../../src/core/schema/schemaNode.ts';
import { sandboxKinds } from '../../../src/sandbox/builtInTable.ts';

/** What Git declares, and what is live with its managedFields. */
export interface ReplayCase {
  desired: KubeObject;
  live: KubeObject;
}

/**
 * Compares as a campaign does, without a cluster: delivered by kubectl, all lines older than the apply, built-in kinds with the schema of
 * Kubernetes and all others without one.
 */
export function replayed({ desired, live }: ReplayCase): ObjectComparison {
  const { group, version, kind } = groupVersionKindOf(desired);
  const served = sandboxKinds().find((one) => one.group === group && one.version === version && one.kind === kind);
  return compareObject({
    desired,
    live,
    node: served?.schema ?? objectNode(),
    applier: detectApplier(live, 'direct'),
    engine: 'direct',
    engineBehaviour: { takesOverKubectlEdits: false, selfHeal: false, suspended: false },
    hasInventory: false,
    secrets: 'compare',
    lineCommittedAt: () => '2000-01-01T00:00:00Z',
  });
}
