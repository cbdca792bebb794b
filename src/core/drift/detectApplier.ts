import { lastAppliedAnnotation } from '../apply/lastApplied.ts';
import { fieldAt, listAt, stringAt } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import type { EngineName } from '../report.ts';

/** Who applies an object, as its managedFields show it. */
export interface Applier {
  /** Managers whose Apply (or Update, for client-side appliers) entries mean "the engine applied this". */
  managers: readonly string[];
  kind: 'server-side' | 'client-side' | 'unknown';
  /** Nothing but its Apply entry speaks for it: the name is none that the engine is known by. */
  guessed?: true;
}

interface Entry {
  name: string;
  operation: string;
  time: string;
}

/** Managers that the engines are known by; the first that is found counts. */
const engineManagers: Readonly<Record<EngineName, readonly string[]>> = {
  flux: ['kustomize-controller', 'helm-controller', 'flux', 'helm'],
  argocd: ['argocd-controller', 'argocd-application-controller', 'argocd-server'],
  direct: ['plumbline', 'kubectl', 'kubectl-client-side-apply', 'oc', 'helm'],
};

/** Names under which kubectl's client-side apply writes; it leaves the last-applied annotation. */
const clientSideNames: ReadonlySet<string> = new Set(['kubectl-client-side-apply', 'kubectl-last-applied', 'oc']);

const unknownApplier: Applier = { managers: [], kind: 'unknown' };

/**
 * Finds the applier of a live object. The engine's own managers come first; for `direct` any single applier will do, as people choose
 * field managers freely. Without one, an object that carries the last-applied annotation was applied client-side.
 */
export function detectApplier(live: KubeObject | undefined, engine: EngineName): Applier {
  if (live === undefined) return unknownApplier;
  const entries = entriesOf(live);
  const annotated = fieldAt(live, 'metadata', 'annotations', lastAppliedAnnotation) !== undefined;
  const names = engineManagers[engine];
  const own = entries.filter((entry) => names.includes(entry.name) && declares(entry, annotated));
  const known = newest(own);
  const found = known ?? (engine === 'direct' ? otherApplier(entries) : undefined);
  if (found !== undefined) {
    const applier: Applier = {
      managers: [found.name],
      kind: found.operation === 'Apply' ? 'server-side' : 'client-side',
    };
    return known === undefined && !isEngine(found.name) ? { ...applier, guessed: true } : applier;
  }
  return annotated ? { managers: ['kubectl-client-side-apply'], kind: 'client-side' } : unknownApplier;
}

function entriesOf(live: KubeObject): Entry[] {
  return listAt(live, 'metadata', 'managedFields')
    .filter((entry) => (stringAt(entry, 'subresource') ?? '') === '')
    .map((entry) => ({
      name: stringAt(entry, 'manager') ?? '',
      operation: stringAt(entry, 'operation') ?? '',
      time: stringAt(entry, 'time') ?? '',
    }));
}

/**
 * An Apply entry declares. An Update entry shows an applier only by its name: `kubectl` as Update is `kubectl scale` or an old edit,
 * and kubectl's client-side apply is one only with its annotation.
 */
function declares(entry: Entry, annotated: boolean): boolean {
  if (entry.operation === 'Apply') return true;
  if (clientSideNames.has(entry.name)) return annotated;
  return entry.name !== 'kubectl' && entry.name !== 'plumbline' && entry.name !== 'kustomize-controller';
}

/** The latest by time; an Apply entry where times are equal. */
function newest(entries: readonly Entry[]): Entry | undefined {
  let latest: Entry | undefined;
  for (const entry of entries) if (latest === undefined || isNewer(entry, latest)) latest = entry;
  return latest;
}

function isNewer(a: Entry, b: Entry): boolean {
  return a.time === b.time ? a.operation === 'Apply' && b.operation !== 'Apply' : a.time > b.time;
}

/** Managers of Apply entries that never are the one who delivers: controllers that apply a part of others' objects. */
const partialAppliers = /(?:^kube-|^kubelet$|autoscaler|cainjector|^vpa-|^istio|^linkerd|^kyverno|^cluster-autoscaler)/;

function otherApplier(entries: readonly Entry[]): Entry | undefined {
  return newest(
    entries.filter(
      (entry) =>
        (entry.operation === 'Apply' && entry.name !== 'kubectl-last-applied' && !partialAppliers.test(entry.name)) ||
        isEngine(entry.name),
    ),
  );
}

function isEngine(name: string): boolean {
  return engineManagers.flux.includes(name) || engineManagers.argocd.includes(name);
}
