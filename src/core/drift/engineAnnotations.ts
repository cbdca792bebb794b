import { type Json, stringAt } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import type { ChangeBasis, EngineName } from '../report.ts';

/** What an object tells its engine about itself by labels and annotations. */
export interface EngineDirectives {
  /** The engine leaves the object as it is, so no difference matters to it; why. */
  leftAlone?: string;
  /** It is run, not kept: never out of sync (semantics A-2). */
  hook?: true;
  /** The engine applies it beside others and takes over nothing (`ssa: Merge`, semantics F-9). */
  merges?: true;
  /** It stays when Git drops it; why. */
  kept?: string;
  /** The engine calls nothing out of sync because of it once Git drops it; why. A sync that prunes removes it all the same. */
  uncounted?: string;
}

const flux = 'kustomize.toolkit.fluxcd.io/';
const argo = 'argocd.argoproj.io/';

/**
 * Reads reconcile, ssa and prune switches of both engines. Flux looks at desired and live, at labels and annotations, whatever the case of
 * the value (semantics F-7, P-1); Argo CD at annotations of what Git declares, and for pruning of what is live.
 */
export function engineDirectives(
  engine: EngineName,
  desired: KubeObject | undefined,
  live: KubeObject | undefined,
  basis?: ChangeBasis,
): EngineDirectives {
  if (engine === 'flux') return basis === 'release' ? helmDirectives(desired, live) : fluxDirectives(desired, live);
  return engine === 'argocd' ? argoDirectives(desired, live) : {};
}

function fluxDirectives(desired: KubeObject | undefined, live: KubeObject | undefined): EngineDirectives {
  const either = (name: string): string | undefined => marker(desired, flux + name) ?? marker(live, flux + name);
  const directives: EngineDirectives = {};
  const ssa = either('ssa');
  if (either('reconcile') === 'disabled') directives.leftAlone = `${flux}reconcile: disabled`;
  else if (ssa === 'ignore') directives.leftAlone = `${flux}ssa: Ignore`;
  else if (marker(desired, `${flux}ssa`) === 'ifnotpresent' && live !== undefined) {
    directives.leftAlone = `${flux}ssa: IfNotPresent`;
  }
  if (ssa === 'merge') directives.merges = true;
  if (marker(live, `${flux}prune`) === 'disabled') directives.kept = `${flux}prune: disabled`;
  else if (directives.leftAlone !== undefined) directives.kept = directives.leftAlone;
  return directives;
}

function helmDirectives(desired: KubeObject | undefined, live: KubeObject | undefined): EngineDirectives {
  const directives: EngineDirectives = {};
  const name = 'helm.toolkit.fluxcd.io/driftDetection';
  if ((marker(desired, name) ?? marker(live, name)) === 'disabled') directives.leftAlone = `${name}: disabled`;
  if (marker(desired, 'helm.sh/hook') !== undefined) directives.hook = true;
  const policy = marker(desired, 'helm.sh/resource-policy') ?? marker(live, 'helm.sh/resource-policy');
  if (policy === 'keep') directives.kept = 'helm.sh/resource-policy: keep';
  return directives;
}

function argoDirectives(desired: KubeObject | undefined, live: KubeObject | undefined): EngineDirectives {
  const directives: EngineDirectives = {};
  const hooks = list(annotation(desired, `${argo}hook`) ?? annotation(desired, 'helm.sh/hook'));
  // Charts mark their definitions `crd-install`, which Argo CD applies like any other object.
  if (hooks.length > 0 && !hooks.every((hook) => hook === 'crd-install')) directives.hook = true;
  const source = desired ?? live;
  const compare = list(annotation(source, `${argo}compare-options`));
  const sync = list(annotation(source, `${argo}sync-options`));
  if (compare.includes('IgnoreExtraneous')) directives.uncounted = `${argo}compare-options: IgnoreExtraneous`;
  if (sync.includes('Prune=false')) directives.kept = `${argo}sync-options: Prune=false`;
  return directives;
}

/** A label or annotation in lower case. */
function marker(object: KubeObject | undefined, name: string): string | undefined {
  return (
    stringAt(object, 'metadata', 'annotations', name) ?? stringAt(object, 'metadata', 'labels', name)
  )?.toLowerCase();
}

function annotation(object: Json | undefined, name: string): string | undefined {
  return stringAt(object, 'metadata', 'annotations', name);
}

function list(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
