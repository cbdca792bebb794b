import { withBuiltInDefaults } from '../../core/cluster/defaults/builtInDefaults.ts';
import { validateImmutable } from '../../core/cluster/validation/immutable.ts';
import { isBuiltInGroup } from '../../core/kube/builtInGroup.ts';
import { serverApply } from '../../core/apply/serverApply.ts';
import { normalise } from '../../core/drift/normalise.ts';
import { equalJson, stringAt } from '../../core/json.ts';
import { afterTakeOver } from '../../core/reconcile/fluxTakeOver.ts';
import { type KubeObject, describeKey } from '../../core/kube/objectKey.ts';
import { type Prediction, isReplaceable } from '../../core/reconcile/prediction.ts';
import type { PlanStep } from '../../core/report.ts';
import type { SchemaNode } from '../../core/schema/schemaNode.ts';
import { quietEngineText } from '../../core/text/quietEngineText.ts';
import type { Cluster } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { DeclaredTarget, Target } from '../drift/target.ts';
import type { ApplyManner } from './applyManner.ts';

export interface PredictInput {
  cluster: Cluster;
  target: DeclaredTarget;
  /** As the engine will send it: owner labels and all. */
  config: KubeObject;
  live: KubeObject | undefined;
  node: SchemaNode;
  manner: ApplyManner;
  /** Live as the engine sees it after it has taken over what others wrote (semantics F-9); then only a simulation can tell. */
  takenOver: KubeObject | undefined;
  /** The live object, or its absence, is itself a prediction (of an earlier commit), so the server cannot be asked. */
  isSupposed: boolean;
  /** Namespaces that the same change, or an earlier one that is supposed, creates. */
  namespacesToCome: ReadonlySet<string>;
  now: string;
  signal?: AbortSignal;
}

/**
 * Predicts what applying an object does: by the API server's dry run where it can say and rights allow, by the own merge for the rest
 * (design §3.2). A namespace or kind that comes with the same change does not block it (semantics I-4).
 */
export async function predict(input: PredictInput): Promise<Prediction> {
  const { target, cluster, config, manner, signal } = input;
  if (target.resource === undefined) {
    return { basis: 'simulated', outcome: 'object', object: config, notes: ['its kind comes with the same change'] };
  }
  if (input.isSupposed) return simulate(input, input.takenOver ?? input.live);
  const namespaceComes = input.live === undefined && input.namespacesToCome.has(target.key.namespace);
  try {
    const object = await cluster.apply(target.resource, config, {
      fieldManager: manner.manager,
      force: manner.force,
      dryRun: true,
      ...(signal === undefined ? {} : { signal }),
    });
    return input.takenOver === undefined
      ? { basis: 'server', outcome: 'object', object, notes: [] }
      : withoutTaken(input, object);
  } catch (error) {
    signal?.throwIfAborted();
    if (!ClusterError.is(error)) throw error;
    if (ClusterError.is(error, 'not-found') && namespaceComes) {
      const notes = [`its namespace ${target.key.namespace} comes with the same change`];
      return { basis: 'simulated', outcome: 'object', object: config, notes };
    }
    // Who may not write gets the simulation: a dry run is a write (semantics K-3).
    if (ClusterError.is(error, 'forbidden') && !isDenial(error)) return simulate(input, input.takenOver ?? input.live);
    if (isAboutTheWay(error)) throw error;
    return {
      basis: 'server',
      outcome: 'refused',
      message: refusalText(target, error),
      replaceable: isReplaceable(error.status, error.message),
    };
  }
}

/**
 * The dry run does not know that the engine takes over what kubectl wrote before it applies (semantics F-9). Its result is exact but for
 * what goes with that: what kubectl alone had and Git does not declare.
 */
function withoutTaken(input: PredictInput, dryRun: KubeObject): Prediction {
  const takenOver = afterTakeOver(dryRun);
  const simulated = simulate(input, takenOver ?? dryRun);
  if (simulated.outcome !== 'object') return simulated;
  const isSame = takenOver === undefined || equalJson(normalise(simulated.object), normalise(dryRun));
  return isSame ? { basis: 'server', outcome: 'object', object: dryRun, notes: [] } : simulated;
}

/** The merge of the engine itself and the defaults of built-in kinds, before admission. */
function simulate(input: PredictInput, live: KubeObject | undefined): Prediction {
  const basis: PlanStep['basis'] = 'simulated';
  const result = serverApply({
    live,
    config: input.config,
    manager: input.manner.manager,
    force: input.manner.force,
    node: input.node,
    now: input.now,
  });
  switch (result.result) {
    case 'ok':
    case 'unchanged': {
      const object = withDefaults(result.object, input);
      const refusal = live === undefined ? undefined : immutableRefusal(input.target, object, live);
      return refusal ?? { basis, outcome: 'object', object, notes: [] };
    }
    case 'conflict':
    case 'invalid':
      return {
        basis,
        outcome: 'refused',
        message: `${describeKey(input.target.key)}: ${result.error}`,
        replaceable: result.result === 'conflict',
      };
  }
}

/** What the server refuses of a change because a field may not change; of kinds that come with Kubernetes alone (semantics X-2). */
function immutableRefusal(target: Target, object: KubeObject, live: KubeObject): Prediction | undefined {
  const { resource } = target;
  if (resource === undefined || !isBuiltInGroup(resource.group)) return undefined;
  const errors = validateImmutable(object, live, `${resource.group}/${resource.resource}`);
  if (errors.length === 0) return undefined;
  const message = errors.map((error) => `${error.field}: ${error.message}`).join(', ');
  return { basis: 'simulated', outcome: 'refused', message, replaceable: true };
}

/** A field that goes gets the default of its kind again. */
function withDefaults(object: KubeObject, { target, node }: PredictInput): KubeObject {
  const { resource } = target;
  if (resource === undefined || !isBuiltInGroup(resource.group)) return object;
  return withBuiltInDefaults(object, { ...resource, singular: '', categories: [], subresources: [], schema: node });
}

/** A webhook or admission policy that says no answers 403 as well, and that is the object's fate, not a missing right. */
function isDenial(error: ClusterError): boolean {
  return /admission webhook|ValidatingAdmissionPolicy|violates PodSecurity|exceeded quota/i.test(error.message);
}

/** Trouble on the way to the server says nothing of the object. */
function isAboutTheWay(error: ClusterError): boolean {
  return ['unreachable', 'unauthorized', 'timeout', 'too-many-requests', 'credentials'].includes(error.reason);
}

function refusalText(target: DeclaredTarget, error: ClusterError): string {
  if (ClusterError.is(error, 'conflict') && error.conflicts.length > 0) {
    const owners = error.conflicts.map((conflict) => `${conflict.field} (${conflict.manager})`).join(', ');
    return `owned by others: ${owners}`;
  }
  if (ClusterError.is(error, 'not-found') && /namespaces? "/.test(error.message)) {
    return `its namespace ${target.key.namespace} does not exist`;
  }
  return quietEngineText(error.message);
}

/** Namespaces that objects of the change create. */
export function namespacesIn(targets: readonly DeclaredTarget[]): Set<string> {
  return new Set(
    targets
      .filter((target) => target.key.kind === 'Namespace' && target.key.group === '')
      .map((target) => stringAt(target.rendered.object, 'metadata', 'name') ?? ''),
  );
}
