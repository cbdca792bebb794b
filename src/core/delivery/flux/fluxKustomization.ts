import { fieldAt, listAt, stringAt } from '../../json.ts';
import { type KubeObject, groupVersionKindOf, nameOf, namespaceOf } from '../../kube/objectKey.ts';
import { joinPath } from '../../repositoryPath.ts';
import { type Condition, conditionOf } from '../conditions.ts';
import { type InventoryEntry, readInventory } from './inventory.ts';
import { type FluxRevision, readFluxRevision } from './revision.ts';

export interface ObjectReference {
  kind: string;
  namespace: string;
  name: string;
}

/** What Plumbline needs of a Flux Kustomization (kustomize.toolkit.fluxcd.io), from a file or from the cluster. */
export interface FluxKustomization {
  namespace: string;
  name: string;
  /** From the source's root; undefined where it leaves it. */
  path: string | undefined;
  source: ObjectReference;
  suspended: boolean;
  /** Why and by whom, where an annotation says so. */
  suspendReason?: string;
  prune: boolean;
  force: boolean;
  wait: boolean;
  /** As written: `10m`. */
  interval: string;
  targetNamespace?: string;
  dependsOn: ObjectReference[];
  /** It applies to another cluster than its own (`spec.kubeConfig`). */
  remoteCluster: boolean;
  /** Variables are substituted from Secrets or ConfigMaps, so the plain build is not what is applied. */
  substitutes: boolean;
  ready?: Condition;
  /** The last run that ended failed while it applied; also while the next one is under way. */
  applyFailed: boolean;
  lastApplied?: FluxRevision;
  lastAttempted?: FluxRevision;
  lastHandledReconcileAt?: string;
  generation: number;
  observedGeneration?: number;
  inventory: InventoryEntry[];
  hasStatus: boolean;
}

/** Other failures, as of a build or of a health check, come before anything is applied or after all of it is. */
const applyFailure = 'ReconciliationFailed';

export const fluxKustomizeGroup = 'kustomize.toolkit.fluxcd.io';

export function isFluxKustomization(object: KubeObject): boolean {
  return groupVersionKindOf(object).group === fluxKustomizeGroup && object.kind === 'Kustomization';
}

export function readFluxKustomization(object: KubeObject): FluxKustomization {
  const namespace = namespaceOf(object);
  const ready = conditionOf(object, 'Ready');
  const lastApplied = readFluxRevision(stringAt(object, 'status', 'lastAppliedRevision'));
  const lastAttempted = readFluxRevision(stringAt(object, 'status', 'lastAttemptedRevision'));
  const observed = fieldAt(object, 'status', 'observedGeneration');
  const handled = stringAt(object, 'status', 'lastHandledReconcileAt');
  const targetNamespace = stringAt(object, 'spec', 'targetNamespace');
  const suspendReason = suspendReasonOf(object);
  return {
    namespace,
    name: nameOf(object),
    path: joinPath('', stringAt(object, 'spec', 'path')?.replace(/^\/+/, '') ?? ''),
    source: {
      kind: stringAt(object, 'spec', 'sourceRef', 'kind') ?? 'GitRepository',
      namespace: stringAt(object, 'spec', 'sourceRef', 'namespace') ?? namespace,
      name: stringAt(object, 'spec', 'sourceRef', 'name') ?? '',
    },
    suspended: fieldAt(object, 'spec', 'suspend') === true,
    ...(suspendReason === undefined ? {} : { suspendReason }),
    prune: fieldAt(object, 'spec', 'prune') === true,
    force: fieldAt(object, 'spec', 'force') === true,
    wait: fieldAt(object, 'spec', 'wait') === true,
    interval: stringAt(object, 'spec', 'interval') ?? '',
    ...(targetNamespace === undefined ? {} : { targetNamespace }),
    dependsOn: listAt(object, 'spec', 'dependsOn').map((entry) => ({
      kind: 'Kustomization',
      namespace: stringAt(entry, 'namespace') ?? namespace,
      name: stringAt(entry, 'name') ?? '',
    })),
    remoteCluster: fieldAt(object, 'spec', 'kubeConfig') !== undefined,
    substitutes: fieldAt(object, 'spec', 'postBuild') !== undefined,
    ...(ready === undefined ? {} : { ready }),
    applyFailed: hasFailedToApply(object),
    ...(lastApplied === undefined ? {} : { lastApplied }),
    ...(lastAttempted === undefined ? {} : { lastAttempted }),
    ...(handled === undefined ? {} : { lastHandledReconcileAt: handled }),
    generation: Number(fieldAt(object, 'metadata', 'generation') ?? 0),
    ...(typeof observed === 'number' ? { observedGeneration: observed } : {}),
    inventory: readInventory(object),
    hasStatus: fieldAt(object, 'status') !== undefined,
  };
}

/** By the history, which tells it also while the next run is under way; Flux before 2.7 keeps none. */
export function hasFailedToApply(object: KubeObject): boolean {
  const last = stringAt(listAt(object, 'status', 'history')[0], 'lastReconciledStatus');
  return (last ?? conditionOf(object, 'Ready')?.reason) === applyFailure;
}

/** People leave the reason in annotations of their own; these two are the common ones. */
function suspendReasonOf(object: KubeObject): string | undefined {
  return (
    stringAt(object, 'metadata', 'annotations', 'plumbline.dev/suspend-reason') ??
    stringAt(object, 'metadata', 'annotations', 'reconcile.fluxcd.io/suspend-reason')
  );
}
