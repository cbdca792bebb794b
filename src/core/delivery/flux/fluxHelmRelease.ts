import { type Json, fieldAt, listAt, stringAt } from '../../json.ts';
import { type KubeObject, groupVersionKindOf, nameOf, namespaceOf } from '../../kube/objectKey.ts';
import { type Condition, conditionOf } from '../conditions.ts';

/** Where values of a chart come from beside the HelmRelease itself. */
export interface ValuesReference {
  kind: string;
  name: string;
  /** Of its data; `values.yaml` unless told. */
  key: string;
  /** The value is set at this place alone; otherwise it is YAML that holds values. */
  targetPath?: string;
}

/** What Plumbline needs of a Flux HelmRelease (helm.toolkit.fluxcd.io). */
export interface FluxHelmRelease {
  namespace: string;
  name: string;
  suspended: boolean;
  /** The controller reverts what drifts (`spec.driftDetection.mode: enabled`); by default it does not look. */
  correctsDrift: boolean;
  /** It applies to another cluster than its own (`spec.kubeConfig`). */
  remoteCluster: boolean;
  valuesFrom: ValuesReference[];
  /** Values that the HelmRelease spells out itself, for everybody to read. */
  values: Json;
  ready?: Condition;
  /** The release that is deployed, as the controller recorded it. */
  deployed?: { name: string; namespace: string; version: number; storageNamespace: string };
  /** Later versions that are being released, or could not be: objects may hold what they say already. Newest first. */
  attempted: number[];
}

export const fluxHelmGroup = 'helm.toolkit.fluxcd.io';

export function isFluxHelmRelease(object: KubeObject): boolean {
  return groupVersionKindOf(object).group === fluxHelmGroup && object.kind === 'HelmRelease';
}

/**
 * What helm-controller does to the release right now, as `upgrade`: it says so for as long as objects are written and waited for, and
 * records the new version only afterwards.
 */
export function helmActionOf(object: KubeObject): string | undefined {
  const { status, message } = conditionOf(object, 'Reconciling') ?? {};
  return status === 'True' ? /^Running '([\w-]+)' action/.exec(message ?? '')?.[1] : undefined;
}

export function readFluxHelmRelease(object: KubeObject): FluxHelmRelease {
  const namespace = namespaceOf(object);
  const ready = conditionOf(object, 'Ready');
  const history = listAt(object, 'status', 'history');
  const latest = history.find((entry) => stringAt(entry, 'status') === 'deployed') ?? history[0];
  const version = fieldAt(latest, 'version');
  const releaseName = stringAt(latest, 'name');
  const storageNamespace =
    stringAt(object, 'status', 'storageNamespace') ?? stringAt(object, 'spec', 'storageNamespace') ?? namespace;
  return {
    namespace,
    name: nameOf(object),
    suspended: fieldAt(object, 'spec', 'suspend') === true,
    correctsDrift: stringAt(object, 'spec', 'driftDetection', 'mode') === 'enabled',
    remoteCluster: fieldAt(object, 'spec', 'kubeConfig') !== undefined,
    valuesFrom: listAt(object, 'spec', 'valuesFrom').map((reference) => {
      const targetPath = stringAt(reference, 'targetPath');
      return {
        kind: stringAt(reference, 'kind') ?? '',
        name: stringAt(reference, 'name') ?? '',
        key: stringAt(reference, 'valuesKey') ?? 'values.yaml',
        ...(targetPath === undefined ? {} : { targetPath }),
      };
    }),
    values: fieldAt(object, 'spec', 'values') ?? null,
    ...(ready === undefined ? {} : { ready }),
    attempted: attemptedVersions(object, history[0], latest),
    ...(releaseName === undefined || typeof version !== 'number'
      ? {}
      : {
          deployed: {
            name: releaseName,
            namespace: stringAt(latest, 'namespace') ?? namespace,
            version,
            storageNamespace,
          },
        }),
  };
}

function attemptedVersions(object: KubeObject, newest: Json | undefined, deployed: Json | undefined): number[] {
  const [last, current] = [fieldAt(newest, 'version'), fieldAt(deployed, 'version')];
  if (typeof last !== 'number' || typeof current !== 'number') return [];
  return [...(helmActionOf(object) === undefined ? [] : [last + 1]), ...(last > current ? [last] : [])];
}
