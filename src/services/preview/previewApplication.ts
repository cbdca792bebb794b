import { maskObject } from '../../core/drift/mask.ts';
import type { FluxKustomization } from '../../core/delivery/flux/fluxKustomization.ts';
import { type KubeObject, groupVersionKindOf, keyText } from '../../core/kube/objectKey.ts';
import { equalJson, stringAt } from '../../core/json.ts';
import { mapLimited } from '../../core/mapLimited.ts';
import { compareForApply } from '../../core/reconcile/applyOrder.ts';
import { withMembership } from '../../core/reconcile/applySet.ts';
import { judgePrune } from '../../core/reconcile/fluxPrune.ts';
import { blockByStage } from '../../core/reconcile/fluxStages.ts';
import { afterTakeOver, withOwnerLabels } from '../../core/reconcile/fluxTakeOver.ts';
import { planReport } from '../../core/reconcile/planReport.ts';
import { keepStep, planStep, pruneStep } from '../../core/reconcile/planStep.ts';
import type { Prediction } from '../../core/reconcile/prediction.ts';
import type { Problem } from '../../core/problem.ts';
import type { PlanReport, PlanStep } from '../../core/report.ts';
import { deducedNode } from '../../core/schema/schemaNode.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Cluster } from '../../ports/cluster.ts';
import type { PreparedApplication } from '../drift/prepareComparison.ts';
import type { SchemaCache } from '../drift/schemaCache.ts';
import { type DeclaredTarget, isOfUnnamedRelease } from '../drift/target.ts';
import { foreignOwners } from './foreignOwners.ts';
import type { OwnedObject } from './owned.ts';
import { mannerOf } from './applyManner.ts';
import { namespacesIn, predict } from './predict.ts';

export interface PreviewInput {
  prepared: PreparedApplication;
  /** The Kustomization that delivers it, where Flux does. */
  flux?: FluxKustomization;
  live: ReadonlyMap<string, KubeObject>;
  /** Keys of objects that may not be read: nothing is foretold of them. */
  unreadable?: ReadonlyMap<string, Problem>;
  /** Keys of objects whose presence or absence in `live` is a prediction of an earlier commit (semantics R-2). */
  supposed: ReadonlySet<string>;
  /** What the earlier commit sent, as far as it went through: the same sent again changes nothing. */
  settled?: ReadonlyMap<string, KubeObject>;
  /** What the engine owns and Git no longer declares, as it is live. */
  stale: readonly OwnedObject[];
  /** Remembers what the server said of objects that have not changed since. */
  memory?: PredictionMemory;
  /** Where Plumbline applies it itself: the id of the ApplySet that each object becomes a member of. */
  setId?: string;
  /** A direct apply deletes what it owns only when it is asked to. */
  prune: boolean;
  from: string;
  to: string;
  /** Adds the predicted objects, Secret values masked. */
  withPredicted: boolean;
  signal?: AbortSignal;
}

/** What was foretold of an object, as long as neither side of it changes. */
export interface PredictionMemory {
  find(key: string, config: KubeObject, live: KubeObject | undefined): Prediction | undefined;
  keep(key: string, config: KubeObject, live: KubeObject | undefined, prediction: Prediction): void;
}

export interface PreviewResult {
  report: PlanReport;
  /** Key to the object as it will be; what will be deleted is absent. Input of the next commit's preview (semantics R-2). */
  predicted: Map<string, KubeObject>;
  /** Key to what was sent of it: `settled` of the next commit's preview. */
  settled: Map<string, KubeObject>;
}

/** Dry runs under way at once. */
const dryRunsAtOnce = 8;

/** Says what a reconcile of the rendered application will do to the cluster, by the engine in charge (design §2, "plan"). */
export async function previewApplication(
  input: PreviewInput,
  cluster: Cluster,
  schemas: SchemaCache,
  clock: Clock,
): Promise<PreviewResult> {
  const { prepared, flux, live } = input;
  const targets = prepared.targets.toSorted((a, b) => compareForApply(a.key, b.key));
  const namespacesToCome = namespacesIn(targets).union(supposedNamespaces(input));
  const now = clock
    .now()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z');
  // What Plumbline would apply or prune itself, and another engine holds.
  const stale = input.stale.map((owned) => owned.live).filter((object) => object !== undefined);
  const held =
    flux === undefined
      ? await foreignOwners(cluster, [...liveOf(targets, live), ...stale], input.signal)
      : new Map<string, string>();
  const predictions = new Map<DeclaredTarget, Prediction>();
  const settled = new Map<string, KubeObject>();
  const foretell = async (target: DeclaredTarget): Promise<void> => {
    const key = keyText(target.key);
    const object = live.get(key);
    const config = asSent(target, input);
    const before = input.settled?.get(key);
    const hidden = input.unreadable?.get(key);
    if (hidden !== undefined) {
      predictions.set(target, { basis: 'simulated', outcome: 'skipped', reason: hidden.message });
      return;
    }
    const holder = held.get(key);
    if (holder !== undefined) {
      predictions.set(target, { basis: 'server', outcome: 'refused', message: holder, replaceable: false });
      return;
    }
    // One that is live was applied under that name, and is kept up as it is.
    if (object === undefined && isOfUnnamedRelease(target)) {
      predictions.set(target, {
        basis: 'simulated',
        outcome: 'refused',
        message: unnamedRelease,
        replaceable: false,
      });
      return;
    }
    if (object !== undefined && before !== undefined && equalJson(before, config)) {
      predictions.set(target, { basis: 'simulated', outcome: 'object', object, notes: [] });
      settled.set(key, config);
      return;
    }
    const isSupposed = input.supposed.has(key) || isNewInSupposedNamespace(target, object, input);
    const known = isSupposed ? undefined : input.memory?.find(key, config, object);
    if (known !== undefined) {
      predictions.set(target, known);
      if (known.outcome === 'object') settled.set(key, config);
      return;
    }
    const prediction = await predict({
      cluster,
      target,
      config,
      live: object,
      node: nodeOf(target, schemas),
      manner: mannerOf(object, flux),
      isSupposed,
      takenOver: flux === undefined || object === undefined ? undefined : afterTakeOver(object),
      namespacesToCome,
      now,
      ...(input.signal === undefined ? {} : { signal: input.signal }),
    });
    predictions.set(target, prediction);
    if (!isSupposed) input.memory?.keep(key, config, object, prediction);
    if (prediction.outcome === 'object') settled.set(key, config);
  };
  await mapLimited(targets, dryRunsAtOnce, foretell, input.signal);
  const applied = targets.map((target) => stepFor(target, input, predictions, schemas));
  const pruned = input.stale.map((owned) => staleStep(owned, input, held)).filter((step) => step !== undefined);
  const steps = flux === undefined ? [...applied, ...pruned] : blockByStage([...applied, ...pruned]);
  const head = {
    application: prepared.application.id,
    context: cluster.context,
    from: input.from,
    to: input.to,
    gates: prepared.application.gates,
  };
  const report = planReport(head, steps);
  return { report, predicted: predictedState(targets, predictions, recreatedIn(report), input), settled };
}

const unnamedRelease =
  'it is named after a Helm release, and no file says what that is called: install the chart with helm, or declare a HelmRelease';

/** Namespaces that an earlier commit is supposed to have created. */
function supposedNamespaces({ supposed, live }: PreviewInput): Set<string> {
  const start = '/Namespace//';
  return new Set([...supposed].filter((key) => key.startsWith(start) && live.has(key)).map((key) => key.slice(12)));
}

/** The server cannot say anything of what would go into a namespace that it does not have yet. */
function isNewInSupposedNamespace(target: DeclaredTarget, live: KubeObject | undefined, input: PreviewInput): boolean {
  return live === undefined && input.supposed.has(`/Namespace//${target.key.namespace}`);
}

function recreatedIn(report: PlanReport): ReadonlySet<string> {
  return new Set(report.steps.filter((step) => step.action === 'recreate').map(keyText));
}

function liveOf(targets: readonly DeclaredTarget[], live: ReadonlyMap<string, KubeObject>): KubeObject[] {
  return targets.map(({ key }) => live.get(keyText(key))).filter((object) => object !== undefined);
}

/** With the labels by which the engine knows it as its own. */
function asSent(target: DeclaredTarget, { flux, setId }: PreviewInput): KubeObject {
  const { object } = target.rendered;
  if (flux !== undefined) return withOwnerLabels(object, flux);
  return setId === undefined ? object : withMembership(object, setId);
}

function nodeOf(target: DeclaredTarget, schemas: SchemaCache) {
  return target.resource === undefined ? deducedNode : schemas.nodeFor(groupVersionKindOf(target.rendered.object));
}

function stepFor(
  target: DeclaredTarget,
  input: PreviewInput,
  predictions: ReadonlyMap<DeclaredTarget, Prediction>,
  schemas: SchemaCache,
): PlanStep {
  const prediction = predictions.get(target) ?? { basis: 'simulated', outcome: 'skipped', reason: 'not looked at' };
  const { file } = target.rendered;
  const step = planStep({
    key: target.key,
    version: target.version,
    live: input.live.get(keyText(target.key)),
    node: nodeOf(target, schemas),
    prediction,
    force: forces(target.rendered.object, input.flux),
    ...(file === undefined ? {} : { location: { file, via: 'manifest' } }),
  });
  if (!input.withPredicted || prediction.outcome !== 'object') return step;
  const { managedFields: _noise, ...metadata } = prediction.object.metadata;
  return { ...step, predicted: maskObject({ ...prediction.object, metadata }) };
}

function forces(object: KubeObject, flux: FluxKustomization | undefined): boolean {
  if (flux === undefined) return false;
  const annotated = stringAt(object, 'metadata', 'annotations', 'kustomize.toolkit.fluxcd.io/force');
  return flux.force || annotated?.toLowerCase() === 'enabled';
}

function staleStep(owned: OwnedObject, input: PreviewInput, held: ReadonlyMap<string, string>): PlanStep | undefined {
  const { key, version, live } = owned;
  if (live === undefined) return undefined;
  const holder = held.get(keyText(key));
  if (holder !== undefined) return keepStep(key, version, holder);
  if (input.flux !== undefined) {
    const verdict = judgePrune(input.flux, live);
    if (verdict === undefined) return undefined;
    return verdict.prune ? pruneStep(key, version, []) : keepStep(key, version, verdict.reason);
  }
  return input.prune ? pruneStep(key, version, []) : keepStep(key, version, 'not pruned unless asked for (--prune)');
}

function predictedState(
  targets: readonly DeclaredTarget[],
  predictions: ReadonlyMap<DeclaredTarget, Prediction>,
  recreated: ReadonlySet<string>,
  input: PreviewInput,
): Map<string, KubeObject> {
  const state = new Map<string, KubeObject>();
  for (const target of targets) {
    const key = keyText(target.key);
    const prediction = predictions.get(target);
    if (prediction?.outcome === 'object') state.set(key, prediction.object);
    else if (recreated.has(key)) state.set(key, asSent(target, input));
  }
  return state;
}
