import { type ObjectComparison, compareObject } from '../../core/drift/compareObject.ts';
import { detectApplier } from '../../core/drift/detectApplier.ts';
import type { IgnoreRule } from '../../core/drift/ignoreRule.ts';
import { type KubeObject, keyText } from '../../core/kube/objectKey.ts';
import type { Problem } from '../../core/problem.ts';
import { type SchemaNode, deducedNode } from '../../core/schema/schemaNode.ts';
import type { SchemaFinding } from '../../core/schema/validate.ts';
import type { Jq } from '../../ports/jq.ts';
import type { LiveObjects } from '../live/readLiveObjects.ts';
import { JqAnswers } from './jqAnswers.ts';
import { schemaFaults } from './schemaFaults.ts';
import type { SchemaCache } from './schemaCache.ts';
import type { PreparedApplication } from './prepareComparison.ts';
import { type DeclaredTarget, type Target, isOfUnnamedRelease } from './target.ts';

/** How Secrets are compared: by value, by key names only, or not at all (setting `plumbline.secrets`). */
export type SecretsMode = 'compare' | 'keys' | 'skip';

/** What the user wants of a comparison, beside what the engines say. */
export interface ComparerOptions {
  secrets: SecretsMode;
  /** Rules of the setting `plumbline.ignore`. */
  ignore?: readonly IgnoreRule[];
  /** For rules that are written in jq; without it they ignore nothing, and a problem says so. */
  jq?: Jq;
}

/** One desired object held against the cluster. */
export interface ComparedTarget {
  target: Target;
  live: KubeObject | undefined;
  comparison: ObjectComparison;
  /** What the API server would refuse in what Git declares. */
  faults: readonly SchemaFinding[];
  /** The cluster's schema gives its kind no status, so none is waited for. */
  statusless?: true;
}

/** Field (its segments as JSON) to the time of the commit that last wrote its line. */
export type LineTimes = ReadonlyMap<string, string>;

/**
 * Compares targets with live objects, and remembers each result as long as neither side changed: after one live event one object
 * is compared (design §6, one event to a new report).
 */
export class TargetComparer {
  readonly #schemas: SchemaCache;
  readonly #secrets: SecretsMode;
  readonly #ignore: readonly IgnoreRule[];
  readonly #jq: JqAnswers;
  readonly #known = new WeakMap<Target, Known>();
  readonly #settled = new WeakSet<ComparedTarget>();
  readonly #placed = new WeakMap<PreparedApplication, readonly PlacedTarget[]>();

  constructor(schemas: SchemaCache, options: ComparerOptions) {
    this.#schemas = schemas;
    this.#secrets = options.secrets;
    this.#ignore = options.ignore ?? [];
    this.#jq = new JqAnswers(options.jq);
  }

  /**
   * All targets of an application, by kind, namespace and name. Lets others have a turn between some that are new: the extension host
   * must not stand still over thousands.
   */
  async compare(prepared: PreparedApplication, live: LiveObjects, signal?: AbortSignal): Promise<ComparedTarget[]> {
    const placed = this.#placedTargets(prepared);
    const everApplied = placed.some(({ target, key }) => target.rendered !== undefined && live.objects.has(key));
    const context = { prepared, everApplied, engine: engineWord(prepared) };
    const results: ComparedTarget[] = [];
    let fresh = 0;
    for (const { target, key } of placed) {
      const known = this.#known.get(target)?.compared;
      const compared = this.#compareOne(target, key, live, context);
      results.push(compared);
      if (compared === known || compared.live === undefined || ++fresh % comparedAtOnce !== 0) continue;
      await nextTurn();
      signal?.throwIfAborted();
    }
    return results;
  }

  /** Looks for faults of what is declared before it is known what is live; `compare` finds them again at no cost. */
  validate(target: DeclaredTarget): void {
    schemaFaults(target, undefined, this.#nodeOf(target));
  }

  /** One that is declared and live, ahead of the others: whether they are live too says nothing about it. */
  compareLive(target: DeclaredTarget, live: KubeObject, prepared: PreparedApplication): ComparedTarget {
    const key = keyText(target.key);
    const objects = { objects: new Map([[key, live]]), unreadable: new Map<string, Problem>() };
    return this.#compareOne(target, key, objects, { prepared, everApplied: true, engine: engineWord(prepared) });
  }

  /** Asks jq what the last comparison left open; true where results may be other ones now. Rejects only when aborted. */
  async askRules(signal?: AbortSignal): Promise<boolean> {
    if (this.#jq.missing === 0) return false;
    await this.#jq.ask(signal);
    return true;
  }

  /** Rules of an application that ignore nothing, and why. */
  ruleProblems({ application, ignore }: PreparedApplication): Problem[] {
    return this.#jq.problemsOf(application, ignore ?? []);
  }

  /**
   * Decides anew what only the time of a commit can decide (design §2.1): changes that were left undetermined, with the times of
   * the lines that decide their fields.
   */
  settle(compared: ComparedTarget, prepared: PreparedApplication, times: LineTimes): ComparedTarget {
    const context = { prepared, everApplied: true, engine: engineWord(prepared) };
    const settled: ComparedTarget = {
      ...compared,
      comparison: this.#comparison(compared.target, compared.live, context, times),
    };
    this.#known.set(compared.target, { compared: settled, engine: context.engine });
    this.#settled.add(settled);
    return settled;
  }

  /** Whether a result has been settled already; what is undetermined in it stays so as long as neither side changes. */
  isSettled(compared: ComparedTarget): boolean {
    return this.#settled.has(compared);
  }

  /** Keys are made and sorted once for each preparation, not for each event. */
  #placedTargets(prepared: PreparedApplication): readonly PlacedTarget[] {
    let placed = this.#placed.get(prepared);
    if (placed === undefined) {
      placed = [...prepared.targets, ...prepared.extras]
        .map((target) => ({ target, key: keyText(target.key), order: orderOf(target) }))
        .sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
      this.#placed.set(prepared, placed);
    }
    return placed;
  }

  #compareOne(target: Target, key: string, live: LiveObjects, context: CompareContext): ComparedTarget {
    const object = live.objects.get(key);
    const known = this.#known.get(target);
    // An object that is missing may turn from "never applied" to "gone" by what happens to the others, so it is not remembered.
    const isSame = object !== undefined && known?.compared.live === object && known.engine === context.engine;
    if (isSame) return known.compared;
    const unreadable = live.unreadable.has(key);
    const { unanswered } = this.#jq;
    const comparison = unreadable ? unknownComparison : this.#comparison(target, object, context);
    const isStatusless = object !== undefined && hasNoStatus(this.#nodeOf(target));
    const compared: ComparedTarget = {
      ...{ target, live: object, comparison },
      faults: schemaFaults(target, object, this.#nodeOf(target)),
      ...(isStatusless ? { statusless: true } : {}),
    };
    // What jq has not been asked yet may change it.
    if (this.#jq.unanswered === unanswered) this.#known.set(target, { compared, engine: context.engine });
    return compared;
  }

  #nodeOf({ resource, key, version }: Target): SchemaNode {
    return resource === undefined ? deducedNode : this.#schemas.nodeFor({ group: key.group, version, kind: key.kind });
  }

  #comparison(
    target: Target,
    live: KubeObject | undefined,
    context: CompareContext,
    times?: LineTimes,
  ): ObjectComparison {
    const { application } = target;
    const { prepared } = context;
    const desired = target.rendered?.object;
    const applied = prepared.applied?.(target.key);
    return compareObject({
      ...(desired === undefined ? {} : { desired }),
      ...(live === undefined ? {} : { live }),
      ...(applied === undefined ? {} : { applied }),
      node: this.#nodeOf(target),
      applier: detectApplier(live, application.engine),
      engine: application.engine,
      engineBehaviour: {
        // helm-controller leaves managers of others alone (semantics F-9 is of kustomize-controller).
        takesOverKubectlEdits: application.engine === 'flux' && application.source.kind !== 'helm',
        selfHeal: prepared.selfHeal === true,
        suspended: isSuspended(prepared),
        ...(prepared.applyFailed === undefined ? {} : { applyFailed: prepared.applyFailed }),
      },
      ...inventoryOf(target, context),
      ignore: prepared.ignore === undefined ? this.#ignore : [...prepared.ignore, ...this.#ignore],
      jqPaths: this.#jq.paths,
      ...(prepared.isTainted === undefined ? {} : { isTainted: prepared.isTainted }),
      secrets: this.#secrets,
      ...(times === undefined ? {} : { lineCommittedAt: (segments) => times.get(JSON.stringify(segments)) }),
    });
  }
}

/** A custom kind whose schema knows all its fields, and no status among them. */
function hasNoStatus(node: SchemaNode): boolean {
  const fields = node.map?.fields;
  return fields !== undefined && fields.size > 0 && !fields.has('status');
}

interface PlacedTarget {
  target: Target;
  /** See keyText. */
  key: string;
}

/** Some 10 to 30 ms of work. */
const comparedAtOnce = 100;

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

interface Known {
  compared: ComparedTarget;
  engine: string;
}

interface CompareContext {
  prepared: PreparedApplication;
  /** Something of the application is live. */
  everApplied: boolean;
  /** See engineWord. */
  engine: string;
}

/** What the engine says of itself and decides results by: with another word of it none that is remembered counts. */
function engineWord(prepared: PreparedApplication): string {
  const { ignore = [], selfHeal = false, applyFailed = false } = prepared;
  return JSON.stringify([isSuspended(prepared), selfHeal, applyFailed, ignore]);
}

/**
 * Without an inventory, an application of which nothing is live was never applied here; where some of it is live, the rest may be
 * gone or new, and that stays undetermined. What a chart names after its release was never applied under a name that nobody gave.
 */
function inventoryOf(target: Target, context: CompareContext): { hasInventory: boolean; inInventory: boolean } {
  const { inventory } = context.prepared;
  if (inventory === undefined) {
    return { hasInventory: !context.everApplied || isOfUnnamedRelease(target), inInventory: false };
  }
  return { hasInventory: true, inInventory: inventory.has(keyText(target.key)) };
}

const unknownComparison: ObjectComparison = { status: 'unknown', changes: [], ignored: 0 };

function isSuspended({ application }: PreparedApplication): boolean {
  return application.gates.some((gate) => gate.kind === 'suspended');
}

function orderOf({ key }: Target): string {
  return `${key.kind}/${key.namespace}/${key.name}`;
}
