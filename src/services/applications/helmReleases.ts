import type { Application } from '../../core/delivery/application.ts';
import {
  type FluxHelmRelease,
  isFluxHelmRelease,
  readFluxHelmRelease,
} from '../../core/delivery/flux/fluxHelmRelease.ts';
import type { IgnoreRule } from '../../core/drift/ignoreRule.ts';
import { fluxIgnoreRules } from '../../core/drift/readIgnoreRules.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import { nameOf, namespaceOf } from '../../core/kube/objectKey.ts';
import type { Location } from '../../core/location.ts';
import type { Gate } from '../../core/report.ts';
import { folderOf, isBelow } from '../../core/repositoryPath.ts';
import type { DeclaredObject } from './declaredObjects.ts';

/** A HelmRelease that a file of this repository declares, with what its engine says of it. */
export interface HelmFound {
  application: Application;
  release: FluxHelmRelease;
  ignore: readonly IgnoreRule[];
  /** The HelmRelease in its file: of a chart from elsewhere no other line is in this repository. */
  place: Location;
}

/**
 * The HelmReleases of a cluster that files of this repository declare. Where several files declare one of that name, as for several
 * clusters, the one that a delivered folder holds is meant.
 */
export function matchHelmReleases(
  objects: readonly KubeObject[],
  declared: readonly DeclaredObject[],
  context: string,
  delivered: readonly Application[],
): HelmFound[] {
  const candidates = declared.filter(({ object }) => isFluxHelmRelease(object));
  return objects.flatMap((object) => {
    const named = candidates.filter(
      (item) => nameOf(item.object) === nameOf(object) && ['', namespaceOf(object)].includes(namespaceOf(item.object)),
    );
    const isDelivered = ({ location }: DeclaredObject): boolean =>
      delivered.some(({ source }) => isBelow(location.file, source.path));
    const found = named.find(isDelivered) ?? named[0];
    if (found === undefined) return [];
    const release = readFluxHelmRelease(object);
    return [
      {
        application: describe(release, found.location, context),
        release,
        ignore: fluxIgnoreRules(object),
        place: found.location,
      },
    ];
  });
}

function describe(release: FluxHelmRelease, declared: Location, context: string): Application {
  const { namespace, name } = release;
  const why = notComparable(release);
  return {
    id: `flux:helmrelease/${namespace}/${name}`,
    name,
    engine: 'flux',
    foundIn: 'flux',
    source: { kind: 'helm', path: folderOf(declared.file) },
    control: { context, namespace, name },
    destination: { context, namespace: release.deployed?.namespace ?? namespace },
    gates: gatesOf(release),
    ...(why === undefined ? {} : { notCompared: why }),
    declared,
  };
}

function notComparable(release: FluxHelmRelease): string | undefined {
  if (release.remoteCluster) return 'it applies to another cluster (spec.kubeConfig)';
  return release.deployed === undefined ? 'helm-controller has recorded no release of it' : undefined;
}

function gatesOf(release: FluxHelmRelease): Gate[] {
  const name = `HelmRelease ${release.namespace}/${release.name}`;
  if (release.suspended) {
    const remedy = 'Resume it (flux resume helmrelease); until then nothing is upgraded.';
    return [{ kind: 'suspended', message: `${name} is suspended.`, remedy }];
  }
  if (release.ready?.status !== 'False') return [];
  return [{ kind: 'failing', message: `${name} is not ready: ${release.ready.message}` }];
}
