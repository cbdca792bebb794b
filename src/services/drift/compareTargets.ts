import { type ObjectComparison, compareObject } from '../../core/drift/compareObject.ts';
import { detectApplier } from '../../core/drift/detectApplier.ts';
import { type KubeObject, keyText } from '../../core/kube/objectKey.ts';
import { deducedNode } from '../../core/schema/schemaNode.ts';
import type { LiveObjects } from '../live/readLiveObjects.ts';
import type { SchemaCache } from './schemaCache.ts';
import type { PreparedApplication } from './prepareComparison.ts';
import type { Target } from './target.ts';

/** How Secrets are compared: by value, by key names only, or not at all (setting `plumbline.secrets`). */
export type SecretsMode = 'compare' | 'keys' | 'skip';

/** One desired object held against the cluster. */
export interface ComparedTarget {
  target: Target;
  live: KubeObject | undefined;
  comparison: ObjectComparison;
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
  readonly #known = new Map<string, ComparedTarget>();

  constructor(schemas: SchemaCache, secrets: SecretsMode) {
    this.#schemas = schemas;
    this.#secrets = secrets;
  }

  compare(prepared: PreparedApplication, live: LiveObjects): ComparedTarget[] {
    const context = { prepared, everApplied: prepared.targets.some((target) => live.objects.has(keyText(target.key))) };
    return [...prepared.targets, ...prepared.extras].map((target) => this.#compareOne(target, live, context));
  }

  /**
   * Decides anew what only the time of a commit can decide (design §2.1): changes that were left undetermined, with the times of
   * the lines that decide their fields.
   */
  settle(compared: ComparedTarget, prepared: PreparedApplication, times: LineTimes): ComparedTarget {
    const context = { prepared, everApplied: true };
    const settled = { ...compared, comparison: this.#comparison(compared.target, compared.live, context, times) };
    this.#known.set(idOf(compared.target), settled);
    return settled;
  }

  #compareOne(target: Target, live: LiveObjects, context: CompareContext): ComparedTarget {
    const id = idOf(target);
    const object = live.objects.get(keyText(target.key));
    const known = this.#known.get(id);
    // An object that is missing may turn from "never applied" to "gone" by what happens to the others, so it is not remembered.
    if (known !== undefined && object !== undefined && known.live === object && known.target === target) return known;
    const unreadable = live.unreadable.has(keyText(target.key));
    const comparison = unreadable ? unknownComparison : this.#comparison(target, object, context);
    const compared = { target, live: object, comparison };
    this.#known.set(id, compared);
    return compared;
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
    const node =
      target.resource === undefined
        ? deducedNode
        : this.#schemas.nodeFor({ group: target.key.group, version: target.version, kind: target.key.kind });
    const applied = prepared.applied?.(target.key);
    return compareObject({
      ...(desired === undefined ? {} : { desired }),
      ...(live === undefined ? {} : { live }),
      ...(applied === undefined ? {} : { applied }),
      node,
      applier: detectApplier(live, application.engine),
      engine: application.engine,
      engineBehaviour: {
        takesOverKubectlEdits: application.engine === 'flux',
        selfHeal: false,
        suspended: application.gates.some((gate) => gate.kind === 'suspended'),
      },
      ...inventoryOf(target, context),
      secrets: this.#secrets,
      ...(times === undefined ? {} : { lineCommittedAt: (segments) => times.get(JSON.stringify(segments)) }),
    });
  }
}

interface CompareContext {
  prepared: PreparedApplication;
  /** Something of the application is live. */
  everApplied: boolean;
}

/**
 * Without an inventory, an application of which nothing is live was never applied here; where some of it is live, the rest may be
 * gone or new, and that stays undetermined.
 */
function inventoryOf(target: Target, context: CompareContext): { hasInventory: boolean; inInventory: boolean } {
  const { inventory } = context.prepared;
  if (inventory === undefined) return { hasInventory: !context.everApplied, inInventory: false };
  return { hasInventory: true, inInventory: inventory.has(keyText(target.key)) };
}

const unknownComparison: ObjectComparison = { status: 'unknown', changes: [], ignored: 0, unknownFields: [] };

function idOf(target: Target): string {
  return `${target.application.id}\n${keyText(target.key)}`;
}
