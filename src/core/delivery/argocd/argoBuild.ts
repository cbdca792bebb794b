import { type Json, type JsonObject, isJsonObject } from '../../json.ts';
import { kustomizationNames } from '../../kustomize/kustomization.ts';
import { readYamlValues } from '../../manifest/readManifests.ts';
import { isBelow, joinPath } from '../../repositoryPath.ts';
import type { SourceKind } from '../../report.ts';
import type { ArgoApplication, ArgoSource } from './argoApplication.ts';
import { matchesGlob } from './glob.ts';

/** How Argo CD makes objects of a source, as far as that can be repeated here. */
export type ArgoBuild =
  | { kind: 'directory'; directory: ArgoDirectory }
  | { kind: 'kustomize'; overlay: JsonObject }
  | { kind: 'helm'; helm: ArgoHelm }
  /** It cannot be repeated; comparing something else would be a false alarm. */
  | { kind: SourceKind; why: string };

export interface ArgoDirectory {
  recurse: boolean;
  /** Globs over the path below the folder. */
  include?: string;
  exclude?: string;
}

export interface ArgoHelm {
  releaseName: string;
  /** From the repository's root. */
  valuesFiles: string[];
  values?: JsonObject;
  includeCrds: boolean;
  skipTests: boolean;
}

const manifestName = /\.(yaml|yml|json|jsonnet)$/;
const kustomizeFields = ['namePrefix', 'nameSuffix', 'namespace', 'images', 'patches'];
const helmFields = ['releaseName', 'valueFiles', 'values', 'valuesObject', 'skipCrds', 'skipTests', 'version'];

/**
 * Decides what tool Argo CD takes for a source, by what the Application says, else by the files at the path, and whether what it would make
 * of it can be made here in the same way. `files` are all of the repository.
 */
export function argoBuild(application: ArgoApplication, source: ArgoSource, files: readonly string[]): ArgoBuild {
  const folder = joinPath('', source.path ?? '') ?? '';
  const names = new Set(files);
  const at = (name: string): string => (folder === '' ? name : `${folder}/${name}`);
  const isChart = names.has(at('Chart.yaml'));
  const isKustomization = kustomizationNames.some((name) => names.has(at(name)));
  const chosen = (['directory', 'kustomize', 'helm'] as const).filter((name) => !isEmpty(source[name]));
  const kind = chosen[0] ?? (isChart ? 'helm' : isKustomization ? 'kustomize' : 'directory');
  const why = reasonAgainst(application, source, { chosen, isChart, isKustomization, names, at });
  if (why !== undefined) return { kind, why };
  switch (kind) {
    case 'directory':
      return directoryBuild(source.directory ?? {}, folder, files);
    case 'kustomize':
      return kustomizeBuild(source.kustomize ?? {});
    case 'helm':
      return helmBuild(application, source.helm ?? {}, folder, files);
  }
}

function isEmpty(options: JsonObject | undefined): boolean {
  return options === undefined || Object.keys(options).length === 0;
}

interface Place {
  chosen: readonly string[];
  isChart: boolean;
  isKustomization: boolean;
  names: ReadonlySet<string>;
  at: (name: string) => string;
}

function reasonAgainst(application: ArgoApplication, source: ArgoSource, place: Place): string | undefined {
  const { chosen, isChart, isKustomization, names, at } = place;
  if (application.compound !== undefined) return application.compound;
  if (source.plugin !== undefined) return 'a plugin of Argo CD makes its manifests';
  if (chosen.length > 1) return `it sets options of ${chosen.join(' and ')} at once`;
  if (chosen.length === 0 && isChart && isKustomization) return 'its folder is a chart and a kustomization at once';
  const overrides = ['.argocd-source.yaml', `.argocd-source-${application.name}.yaml`].find((name) =>
    names.has(at(name)),
  );
  return overrides === undefined ? undefined : `${at(overrides)} overrides its source`;
}

function directoryBuild(options: JsonObject, folder: string, files: readonly string[]): ArgoBuild {
  const { recurse, include, exclude } = options;
  const directory: ArgoDirectory = {
    recurse: recurse === true,
    ...(typeof include === 'string' && include !== '' ? { include } : {}),
    ...(typeof exclude === 'string' && exclude !== '' ? { exclude } : {}),
  };
  const jsonnet = files.find((file) => file.endsWith('.jsonnet') && isDirectoryManifest(file, folder, directory));
  return jsonnet === undefined
    ? { kind: 'directory', directory }
    : { kind: 'directory', why: `${jsonnet} is Jsonnet, which is not evaluated here` };
}

/** Whether Argo CD reads a file of a plain folder: by its name, its depth, and the Application's globs. */
export function isDirectoryManifest(file: string, folder: string, options: ArgoDirectory): boolean {
  if (!isBelow(file, folder) || !manifestName.test(file)) return false;
  const below = folder === '' ? file : file.slice(folder.length + 1);
  if (!options.recurse && below.includes('/')) return false;
  if (options.exclude !== undefined && matchesGlob(options.exclude, below)) return false;
  return options.include === undefined || matchesGlob(options.include, below);
}

function kustomizeBuild(options: JsonObject): ArgoBuild {
  const overlay: JsonObject = {};
  for (const [name, value] of Object.entries(options)) {
    if (isUnset(value)) continue;
    const laid = kustomizeFields.includes(name) ? overlayValue(name, value) : undefined;
    if (laid === undefined) return { kind: 'kustomize', why: `spec.source.kustomize.${name} is not applied here` };
    overlay[name] = laid;
  }
  return { kind: 'kustomize', overlay };
}

function isUnset(value: Json): boolean {
  return value === '' || value === false || (Array.isArray(value) && value.length === 0) || isEmptyMap(value);
}

function isEmptyMap(value: Json): boolean {
  return isJsonObject(value) && Object.keys(value).length === 0;
}

function overlayValue(name: string, value: Json): Json | undefined {
  if (name === 'patches') return Array.isArray(value) ? value : undefined;
  if (name !== 'images') return typeof value === 'string' ? value : undefined;
  if (!Array.isArray(value)) return undefined;
  const images = value.map((text) => (typeof text === 'string' ? imageOf(text) : undefined));
  return images.every((image) => image !== undefined) ? images : undefined;
}

/** `name=new:tag`, `name=new@sha256:…`, `name:tag`, `name=new`, as `kustomize edit set image` takes them. */
function imageOf(text: string): JsonObject | undefined {
  if (text.includes('*')) return undefined;
  const [, name, rest] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  const [, path = '', tag, digest] = /^(.*?)(?::([^:/@]+))?(?:@(sha256:[0-9a-f]+))?$/.exec(rest ?? text) ?? [];
  if (path === '' || (name === undefined && tag === undefined && digest === undefined)) return undefined;
  return {
    name: name ?? path,
    ...(name === undefined ? {} : { newName: path }),
    ...(tag === undefined ? {} : { newTag: tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

function helmBuild(
  application: ArgoApplication,
  options: JsonObject,
  folder: string,
  files: readonly string[],
): ArgoBuild {
  const refuse = (why: string): ArgoBuild => ({ kind: 'helm', why });
  const other = Object.entries(options).find(([name, value]) => !helmFields.includes(name) && !isUnset(value));
  if (other !== undefined) return refuse(`spec.source.helm.${other[0]} is not applied here`);
  const packed = files.find((file) => isBelow(file, folder) && file.endsWith('.tgz'));
  if (packed !== undefined) return refuse(`${packed} is a packed chart, which is not looked into`);
  const valuesFiles: string[] = [];
  for (const name of Array.isArray(options['valueFiles']) ? options['valueFiles'] : []) {
    const path = typeof name === 'string' ? valuesPath(name, folder) : undefined;
    if (path === undefined || !files.includes(path)) {
      return refuse(`its values file ${typeof name === 'string' ? name : '?'} is no file of this repository`);
    }
    valuesFiles.push(path);
  }
  const values = valuesOf(options);
  if (values === undefined) return refuse('spec.source.helm.values is no map');
  const { releaseName } = options;
  return {
    kind: 'helm',
    helm: {
      releaseName: typeof releaseName === 'string' && releaseName !== '' ? releaseName : application.name,
      valuesFiles,
      ...(isEmptyMap(values) ? {} : { values }),
      includeCrds: options['skipCrds'] !== true,
      skipTests: options['skipTests'] === true,
    },
  };
}

/** From the chart's folder, or from the root where it begins with a slash; a variable or a URL is neither. */
function valuesPath(name: string, folder: string): string | undefined {
  if (name.includes('$') || name.includes('://')) return undefined;
  return name.startsWith('/') ? joinPath('', name.slice(1)) : joinPath(folder, name);
}

/** `valuesObject` wins over the text of `values`. */
function valuesOf(options: JsonObject): JsonObject | undefined {
  const { valuesObject, values } = options;
  if (isJsonObject(valuesObject)) return valuesObject;
  if (typeof values !== 'string' || values.trim() === '') return {};
  const read = readYamlValues(values, { profile: 'raw' });
  const [value] = read.values;
  return read.problems.length === 0 && isJsonObject(value) ? value : undefined;
}
