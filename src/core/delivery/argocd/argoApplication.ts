import { argoApplicationHealth } from '../../health/argoObject.ts';
import { type Json, type JsonObject, fieldAt, isJsonObject, listAt, stringAt } from '../../json.ts';
import { type KubeObject, groupVersionKindOf, nameOf, namespaceOf } from '../../kube/objectKey.ts';
import type { EngineSync, Health } from '../../report.ts';
import { quietEngineText } from '../../text/quietEngineText.ts';
import type { InventoryEntry } from '../flux/inventory.ts';

export interface ArgoSource {
  url: string;
  /** As written; absent for a chart of a Helm repository. */
  path?: string;
  chart?: string;
  /** `HEAD` where nothing is named. */
  targetRevision: string;
  directory?: JsonObject;
  kustomize?: JsonObject;
  helm?: JsonObject;
  plugin?: JsonObject;
  /** It only lends its files to other sources. */
  ref?: string;
}

/** A sync that Argo CD ran or runs (`status.operationState`). */
export interface ArgoOperation {
  phase: string;
  message: string;
  startedAt?: string;
  finishedAt?: string;
  /** The commit that it applied, or tried to; undefined for several sources. */
  revision?: string;
  /** Only some objects were synced: then no single revision is applied, and the history has no entry of it. */
  selective: boolean;
  by?: string;
}

export interface ArgoHistoryEntry {
  revision?: string;
  deployedAt?: string;
  by?: string;
}

/** What Plumbline needs of an Argo CD Application (argoproj.io/v1alpha1), from a file or from the cluster. */
export interface ArgoApplication {
  namespace: string;
  name: string;
  project: string;
  sources: ArgoSource[];
  /** `spec.sources` is used, or manifests are hydrated onto another branch: one path and revision do not tell it all. */
  compound?: string;
  destination: { server?: string; name?: string; namespace?: string };
  automated: boolean;
  selfHeal: boolean;
  prune: boolean;
  /** `argocd.argoproj.io/skip-reconcile`: its status is frozen. */
  skipped: boolean;
  /** An ApplicationSet made it, and writes over what is changed by hand. */
  generatedBy?: string;
  sync?: EngineSync;
  health?: Health;
  healthMessage?: string;
  operation?: ArgoOperation;
  /** As kept: oldest first. */
  history: ArgoHistoryEntry[];
  /** What it lists as its own, hooks left out; objects of Git that were never applied are among it. */
  resources: (InventoryEntry & { requiresPruning: boolean })[];
  /** Conditions that say that it cannot be compared or synced. */
  errors: string[];
  hasStatus: boolean;
}

export const argoGroup = 'argoproj.io';

export function isArgoApplication(object: KubeObject): boolean {
  return groupVersionKindOf(object).group === argoGroup && object.kind === 'Application';
}

export function readArgoApplication(object: KubeObject): ArgoApplication {
  const several = listAt(object, 'spec', 'sources');
  const single = fieldAt(object, 'spec', 'source');
  const automated = fieldAt(object, 'spec', 'syncPolicy', 'automated');
  const isAutomated = isJsonObject(automated) && automated['enabled'] !== false;
  const compound = compoundOf(object, several);
  const operation = operationOf(fieldAt(object, 'status', 'operationState'));
  const owner = listAt(object, 'metadata', 'ownerReferences').find(
    (reference) => stringAt(reference, 'kind') === 'ApplicationSet',
  );
  const generatedBy = stringAt(owner, 'name');
  return {
    namespace: namespaceOf(object),
    name: nameOf(object),
    project: stringAt(object, 'spec', 'project') ?? 'default',
    // Where both stand, `sources` counts.
    sources: (several.length > 0 ? several : single === undefined ? [] : [single]).map(sourceOf),
    ...(compound === undefined ? {} : { compound }),
    destination: textsOf(fieldAt(object, 'spec', 'destination'), ['server', 'name', 'namespace']),
    automated: isAutomated,
    selfHeal: isAutomated && automated['selfHeal'] === true,
    prune: isAutomated && automated['prune'] === true,
    skipped: stringAt(object, 'metadata', 'annotations', 'argocd.argoproj.io/skip-reconcile') === 'true',
    ...(generatedBy === undefined ? {} : { generatedBy }),
    ...stateOf(object),
    ...(operation === undefined ? {} : { operation }),
    history: listAt(object, 'status', 'history').map(historyEntryOf),
    resources: listAt(object, 'status', 'resources').flatMap(resourceOf),
    errors: listAt(object, 'status', 'conditions')
      .filter((condition) => (stringAt(condition, 'type') ?? '').endsWith('Error'))
      .map((condition) => quietEngineText(stringAt(condition, 'message') ?? stringAt(condition, 'type') ?? '')),
    hasStatus: fieldAt(object, 'status', 'sync') !== undefined,
  };
}

/** The commit of the last recorded sync (design §2.1 a): never `status.sync.revision`, which is only what it was compared with. */
export function lastSyncOf(application: ArgoApplication): { revision: string; at: string } | undefined {
  const { operation, history } = application;
  if (operation?.revision !== undefined && isWhole(application)) {
    return { revision: operation.revision, at: operation.finishedAt ?? operation.startedAt ?? '' };
  }
  const last = history.at(-1);
  return last?.revision === undefined ? undefined : { revision: last.revision, at: last.deployedAt ?? '' };
}

/** A commit that may be applied in part: of a sync that failed, is still running, or took only some objects. */
export function partialSyncOf(application: ArgoApplication): string | undefined {
  return isWhole(application) ? undefined : application.operation?.revision;
}

/**
 * Whether the last operation synced all objects, and succeeded. An operation that was patched over a selective one may still carry
 * its list of objects; that it stands in the history then proves that it was a whole one.
 */
export function isWhole({ operation, history }: ArgoApplication): boolean {
  if (operation?.phase !== 'Succeeded') return false;
  const last = history.at(-1);
  const { startedAt = '', revision } = operation;
  // Times of one server in one form: their texts are in their order.
  return (
    !operation.selective || (last?.revision === revision && startedAt !== '' && (last?.deployedAt ?? '') >= startedAt)
  );
}

const commitId = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

function commitOf(text: string | undefined): string | undefined {
  return text !== undefined && commitId.test(text) ? text : undefined;
}

function compoundOf(object: KubeObject, several: readonly Json[]): string | undefined {
  if (several.length > 1) return `it has ${several.length} sources`;
  if (fieldAt(object, 'spec', 'sourceHydrator') !== undefined) return 'its manifests are hydrated onto another branch';
  return undefined;
}

function sourceOf(source: Json): ArgoSource {
  const options: Pick<ArgoSource, 'directory' | 'kustomize' | 'helm' | 'plugin'> = {};
  for (const name of ['directory', 'kustomize', 'helm', 'plugin'] as const) {
    const value = fieldAt(source, name);
    if (isJsonObject(value)) options[name] = value;
  }
  return {
    url: stringAt(source, 'repoURL') ?? '',
    targetRevision: stringAt(source, 'targetRevision') || 'HEAD',
    ...textsOf(source, ['path', 'chart', 'ref']),
    ...options,
  };
}

function textsOf<Name extends string>(value: Json | undefined, names: readonly Name[]): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const text = stringAt(value, name);
    if (text !== undefined && text !== '') found[name] = text;
  }
  return found;
}

const syncWords = new Map<string, EngineSync['status']>([
  ['Synced', 'synced'],
  ['OutOfSync', 'out-of-sync'],
]);

function stateOf(object: KubeObject): Pick<ArgoApplication, 'sync' | 'health' | 'healthMessage'> {
  const status = stringAt(object, 'status', 'sync', 'status');
  if (status === undefined) return {};
  const revision = commitOf(stringAt(object, 'status', 'sync', 'revision'));
  const { health, message } = argoApplicationHealth(object);
  return {
    sync: { status: syncWords.get(status) ?? 'unknown', ...(revision === undefined ? {} : { revision }) },
    health,
    ...(message === '' ? {} : { healthMessage: quietEngineText(message) }),
  };
}

function operationOf(state: Json | undefined): ArgoOperation | undefined {
  if (state === undefined) return undefined;
  const revision = commitOf(stringAt(state, 'syncResult', 'revision'));
  const by = initiator(fieldAt(state, 'operation', 'initiatedBy'));
  return {
    phase: stringAt(state, 'phase') ?? '',
    message: quietEngineText(stringAt(state, 'message') ?? ''),
    ...textsOf(state, ['startedAt', 'finishedAt']),
    ...(revision === undefined ? {} : { revision }),
    selective: listAt(state, 'operation', 'sync', 'resources').length > 0,
    ...(by === undefined ? {} : { by }),
  };
}

function historyEntryOf(entry: Json): ArgoHistoryEntry {
  const revision = commitOf(stringAt(entry, 'revision'));
  const by = initiator(fieldAt(entry, 'initiatedBy'));
  return {
    ...(revision === undefined ? {} : { revision }),
    ...textsOf(entry, ['deployedAt']),
    ...(by === undefined ? {} : { by }),
  };
}

function initiator(value: Json | undefined): string | undefined {
  if (fieldAt(value, 'automated') === true) return 'auto-sync';
  const name = stringAt(value, 'username');
  return name === undefined || name === '' ? undefined : name;
}

function resourceOf(entry: Json): ArgoApplication['resources'] {
  const kind = stringAt(entry, 'kind');
  const name = stringAt(entry, 'name');
  if (kind === undefined || name === undefined || fieldAt(entry, 'hook') === true) return [];
  return [
    {
      group: stringAt(entry, 'group') ?? '',
      version: stringAt(entry, 'version') ?? '',
      kind,
      namespace: stringAt(entry, 'namespace') ?? '',
      name,
      requiresPruning: fieldAt(entry, 'requiresPruning') === true,
    },
  ];
}
