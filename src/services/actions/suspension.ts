import { fluxManager } from '../../core/reconcile/fluxTakeOver.ts';
import { readFluxGitRepository } from '../../core/delivery/flux/fluxGitRepository.ts';
import { readFluxKustomization } from '../../core/delivery/flux/fluxKustomization.ts';
import { ownersOf, readManagedFields } from '../../core/apply/managedFields.ts';
import { fieldAt, stringAt } from '../../core/json.ts';
import { type KubeObject, keyOf, keyText } from '../../core/kube/objectKey.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import { FluxObjectsOf } from '../sync/fluxObjectsOf.ts';
import type { SyncOutcome } from '../sync/syncOutcome.ts';
import { type Refusal, unknownApplication } from '../sync/syncRefusal.ts';
import type { ActionScope } from './actionScope.ts';

/** What suspending or resuming will do, before anything is done. */
export interface SuspensionDescription {
  result: 'possible';
  application: string;
  suspend: boolean;
  /** `Kustomization flux-system/podinfo` */
  what: string;
  /** It is so already: carrying it out changes nothing. */
  isSo: boolean;
  /** What stands against it, in sentences: that Flux itself will set it back, that the source stays suspended. */
  warnings: string[];
}

const ownerLabel = 'kustomize.toolkit.fluxcd.io';
/** Read by Plumbline where it says why something is suspended. */
const reasonAnnotation = 'plumbline.dev/suspend-reason';

/** Says what suspending (or resuming) the engine of an application will do. Throws ClusterError where the cluster does not answer. */
export async function describeSuspension(
  scope: ActionScope,
  application: string,
  suspend: boolean,
  signal?: AbortSignal,
): Promise<SuspensionDescription | Refusal> {
  const prepared = scope.find(application);
  const delivery = scope.flux.get(application)?.delivery;
  if (prepared === undefined) return unknownApplication(application);
  if (delivery === undefined) {
    const verb = suspend ? 'suspend' : 'resume';
    const reason =
      prepared.application.engine === 'direct'
        ? `nothing applies ${prepared.application.name} by itself, so there is nothing to ${verb}`
        : `Plumbline does not ${verb} Argo CD applications yet`;
    return { result: 'refused', reason };
  }
  const objects = new FluxObjectsOf(delivery, scope.cluster, signal);
  const object = await objects.get('kustomization');
  const kustomization = readFluxKustomization(object);
  const source = suspend ? undefined : readFluxGitRepository(await objects.get('source'));
  return {
    result: 'possible',
    application,
    suspend,
    what: `Kustomization ${kustomization.namespace}/${kustomization.name}`,
    isSo: kustomization.suspended === suspend,
    warnings: [
      ...revertedBy(object, suspend, scope),
      ...(source?.suspended === true
        ? [`GitRepository ${source.name} stays suspended: nothing new is fetched until it is resumed as well.`]
        : []),
    ],
  };
}

/** A Kustomization that Flux itself applies gets back what Git says of it, at the next reconcile of the one that applies it. */
function revertedBy(object: KubeObject, suspend: boolean, scope: ActionScope): string[] {
  const parent = stringAt(object, 'metadata', 'labels', `${ownerLabel}/name`);
  if (parent === undefined) return [];
  const namespace = stringAt(object, 'metadata', 'labels', `${ownerLabel}/namespace`) ?? '';
  const by = `Kustomization ${namespace}/${parent}`;
  if (isDeclared(object, scope)) {
    const verb = suspend ? 'resumes' : 'suspends';
    return [
      `Git declares spec.suspend of it: ${by} ${verb} it again at its next reconcile. Change it in Git to keep it.`,
    ];
  }
  return [
    `It is declared in Git and applied by ${by}, which leaves spec.suspend alone as long as Git does not set it.`,
  ];
}

/**
 * Whether Git sets `spec.suspend`: by what this repository declares, where it declares the object, else by what Flux owns of it, which is
 * less, since Flux does not apply what is live already (semantics F-8).
 */
function isDeclared(object: KubeObject, scope: ActionScope): boolean {
  const wanted = keyText(keyOf(object));
  const targets = scope.prepared.flatMap((prepared) => prepared.targets);
  const declared = targets.find(({ key }) => keyText(key) === wanted)?.rendered.object;
  if (declared !== undefined) return fieldAt(declared, 'spec', 'suspend') !== undefined;
  const owners = ownersOf(readManagedFields(object) ?? [], [{ field: 'spec' }, { field: 'suspend' }]);
  return owners.some(({ manager, operation }) => manager === fluxManager && operation === 'Apply');
}

/** Suspends or resumes, and looks at what the cluster answered. */
export async function setSuspended(
  scope: ActionScope,
  { application, suspend, what }: SuspensionDescription,
  options: { /** Shown to whoever wonders later. */ reason?: string },
  signal?: AbortSignal,
): Promise<SyncOutcome> {
  const delivery = scope.flux.get(application)?.delivery;
  if (delivery === undefined) return { result: 'refused', reason: `${what} is no longer known` };
  const done = `${what} was not changed`;
  try {
    const annotations = { [reasonAnnotation]: suspend ? (options.reason ?? null) : null };
    const patch = { metadata: { annotations }, spec: { suspend } };
    const answer = await new FluxObjectsOf(delivery, scope.cluster, signal).patch('kustomization', patch);
    if (readFluxKustomization(answer).suspended === suspend) return { result: 'done', health: 'not-waited' };
    return { result: 'failed', reason: 'the cluster took the request and kept what was there', done };
  } catch (error) {
    if (signal?.aborted === true)
      return { result: 'stopped', done: `${what} may have been changed`, next: 'look at it' };
    if (!ClusterError.is(error)) throw error;
    const remedy = error.remedy === undefined ? {} : { remedy: error.remedy };
    return { result: 'failed', reason: error.message, done, ...remedy };
  }
}
