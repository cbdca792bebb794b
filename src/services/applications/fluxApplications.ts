import type { Application } from '../../core/delivery/application.ts';
import { commonMetadata, fluxOverlay, unbuildable } from '../../core/delivery/flux/fluxBuild.ts';
import { fluxGates } from '../../core/delivery/flux/fluxGates.ts';
import { type FluxGitRepository, readFluxGitRepository } from '../../core/delivery/flux/fluxGitRepository.ts';
import { type BadExpression, isBadExpression } from '../../core/delivery/flux/envsubst.ts';
import { inlineVariables, substituteVariables } from '../../core/delivery/flux/substitute.ts';
import { type FluxKustomization, readFluxKustomization } from '../../core/delivery/flux/fluxKustomization.ts';
import { remoteIdentity } from '../../core/delivery/remoteUrl.ts';
import type { IgnoreRule } from '../../core/drift/ignoreRule.ts';
import { fluxIgnoreRules } from '../../core/drift/readIgnoreRules.ts';
import type { JsonObject } from '../../core/json.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import { kustomizationNames } from '../../core/kustomize/kustomization.ts';
import type { Problem } from '../../core/problem.ts';
import { isBelow } from '../../core/repositoryPath.ts';
import type { FluxObjects } from './engineObjects.ts';

/** An application that Flux delivers from this repository, with what its engine says of it. */
export interface FluxDelivery {
  kustomization: FluxKustomization;
  source: FluxGitRepository | undefined;
  /** Fields that Flux adds to the kustomization at the path. */
  overlay: JsonObject;
  commonMetadata: { labels: JsonObject; annotations: JsonObject };
  /** Variables that it spells out, to be replaced after the build. */
  variables?: ReadonlyMap<string, string>;
  /** Differences that it was told to leave out. */
  ignore: IgnoreRule[];
}

export interface FluxApplication {
  application: Application;
  delivery: FluxDelivery;
}

export interface RepositoryFacts {
  /** URLs of the remotes. */
  remotes: readonly string[];
  branch?: string;
  /** All files, to see whether a path is a kustomization. */
  files: readonly string[];
}

/** How the objects come to be known. */
export interface MatchOptions {
  /** A source that no object describes is taken for this repository: what bootstrap makes stands in no file of it. */
  supposesSelf?: boolean;
}

/**
 * The Flux Kustomizations of a cluster whose source is this repository, matched by remote URL and path (design §2, "Found"). Those whose
 * build cannot be repeated here say so, and are problems as well.
 */
export function matchFluxApplications(
  objects: Pick<FluxObjects, 'kustomizations' | 'gitRepositories'>,
  context: string,
  repository: RepositoryFacts,
  options: MatchOptions = {},
): { applications: FluxApplication[]; problems: Problem[] } {
  const identities = new Set(repository.remotes.map(remoteIdentity));
  const sources = new Map(
    objects.gitRepositories.map((object) => {
      const source = readFluxGitRepository(object);
      return [`${source.namespace}/${source.name}`, source];
    }),
  );
  const kustomizations = new Map(
    objects.kustomizations.map((object) => [
      `${object.metadata['namespace'] as string}/${object.metadata['name'] as string}`,
      object,
    ]),
  );
  const applications: FluxApplication[] = [];
  const problems: Problem[] = [];
  for (const object of kustomizations.values()) {
    const kustomization = readFluxKustomization(object);
    const source = sources.get(`${kustomization.source.namespace}/${kustomization.source.name}`);
    const { path } = kustomization;
    if (kustomization.source.kind !== 'GitRepository' || path === undefined) continue;
    const isSupposed = source === undefined && options.supposesSelf === true;
    if (isSupposed ? !repository.files.some((file) => isBelow(file, path)) : source === undefined) continue;
    if (source !== undefined && !identities.has(remoteIdentity(source.url))) continue;
    const why = unbuildable(object);
    if (why !== undefined) problems.push(notBuildable(kustomization, why, context));
    const dependencies = new Map(
      kustomization.dependsOn.map((reference) => {
        const key = `${reference.namespace}/${reference.name}`;
        const found = kustomizations.get(key);
        return [key, found === undefined ? undefined : readFluxKustomization(found)];
      }),
    );
    const gates = fluxGates({
      kustomization,
      source,
      dependencies,
      ...(repository.branch === undefined ? {} : { branch: repository.branch }),
    });
    const variables = inlineVariables(object);
    applications.push({
      application: {
        ...describe(kustomization, path, gates, context, repository),
        ...(why === undefined ? {} : { notCompared: why }),
      },
      delivery: {
        kustomization,
        source,
        overlay: fluxOverlay(object),
        commonMetadata: commonMetadata(object),
        ...(variables === undefined ? {} : { variables }),
        ignore: fluxIgnoreRules(object),
      },
    });
  }
  return { applications, problems };
}

function describe(
  kustomization: FluxKustomization,
  path: string,
  gates: Application['gates'],
  context: string,
  repository: RepositoryFacts,
): Application {
  const declared = kustomizationNames
    .map((name) => (path === '' ? name : `${path}/${name}`))
    .find((file) => repository.files.includes(file));
  const { lastApplied, ready } = kustomization;
  return {
    id: `flux:${kustomization.namespace}/${kustomization.name}`,
    name: kustomization.name,
    engine: 'flux',
    foundIn: 'flux',
    // Without a kustomization Flux makes one of all manifests below the path, which the renderer does as well.
    source: { kind: 'kustomize', path },
    control: { context, namespace: kustomization.namespace, name: kustomization.name },
    destination: { context },
    ...(lastApplied === undefined ? {} : { applied: { revision: lastApplied.commit, at: ready?.since ?? '' } }),
    gates,
    ...(declared === undefined ? {} : { declared: { file: declared, via: 'manifest' } }),
  };
}

function notBuildable(kustomization: FluxKustomization, why: string, context: string): Problem {
  return {
    code: 'not-checked',
    severity: 'error',
    message: `Kustomization ${kustomization.namespace}/${kustomization.name} was not checked: ${why}.`,
    remedy: 'What Flux applies cannot be rendered here yet; look at it with the Flux CLI.',
    application: `flux:${kustomization.namespace}/${kustomization.name}`,
    context,
  };
}

/** Derived applications that Flux does not deliver already: what lies at or below a delivered path is the delivered one's. */
export function withoutDelivered(derived: readonly Application[], delivered: readonly Application[]): Application[] {
  const paths = delivered.map((application) => application.source.path);
  return derived.filter((application) => !paths.some((path) => path !== '' && isBelow(application.source.path, path)));
}

/** What Flux does to an object of the build before it sends it, owner labels apart: variables first, then common metadata. */
export function finishAsFlux(object: KubeObject, delivery: FluxDelivery): KubeObject | BadExpression {
  const { variables, commonMetadata: common } = delivery;
  const replaced = variables === undefined ? object : substituteVariables(object, variables);
  return isBadExpression(replaced) ? replaced : withCommonMetadata(replaced, common);
}

/** The object with the labels and annotations that every object of the Kustomization gets. */
export function withCommonMetadata(object: KubeObject, common: FluxDelivery['commonMetadata']): KubeObject {
  const { labels, annotations } = common;
  if (Object.keys(labels).length + Object.keys(annotations).length === 0) return object;
  const own = (name: string): JsonObject => {
    const value = object.metadata[name];
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  };
  return {
    ...object,
    metadata: {
      ...object.metadata,
      ...(Object.keys(labels).length === 0 ? {} : { labels: { ...own('labels'), ...labels } }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations: { ...own('annotations'), ...annotations } }),
    },
  };
}
