import type { JsonObject } from '../core/json.ts';
import type { KubeObject } from '../core/kube/objectKey.ts';
import type { Problem } from '../core/problem.ts';
import type { Location, PathSegment } from '../core/location.ts';
import type { SourceKind } from '../core/report.ts';
import type { FileTree } from './fileTree.ts';

/** An object as it comes out of a source. */
export interface RenderedObject {
  object: KubeObject;
  /** The file that holds the whole object, where one does (directory sources); kustomize and helm: found later, for findings only. */
  file?: string;
  /** Position among the documents of that file. */
  documentIndex?: number;
  /** Position in the list that the document is, where it is one. */
  itemIndex?: number;
}

export interface RenderOptions {
  /** Namespace given to the renderer (helm). Objects without one are left so: that is for identification (semantics I-2). */
  namespace?: string;
  signal?: AbortSignal;
  directory?: DirectoryOptions;
  kustomize?: KustomizeOptions;
  helm?: HelmOptions;
}

/** Which files of a folder are read, as an Argo CD Application says it; without this, all that look like manifests somebody applies. */
export interface DirectoryOptions {
  recurse: boolean;
  /** Globs over the path below the folder. */
  include?: string;
  exclude?: string;
}

export interface KustomizeOptions {
  /** Lets files lie outside of the kustomization's own folder, as Flux does. */
  unrestricted?: boolean;
  /**
   * Fields of a kustomization that the engine adds to the one at the path (Flux `spec.patches`, Argo CD `source.kustomize`): lists are
   * appended, images and replicas replaced by name, anything else set. Where the path has no kustomization, one with all manifests
   * below it is made, as Flux does.
   */
  overlay?: JsonObject;
}

export interface HelmOptions {
  releaseName?: string;
  /** Files of values in the repository, in order: a later one wins. */
  valuesFiles?: readonly string[];
  /** Values that win over files. They go through standard input, never onto a command line. */
  values?: JsonObject;
  /** Of the live cluster; without them charts leave things out (design §3.1). */
  kubeVersion?: string;
  apiVersions?: readonly string[];
  isUpgrade?: boolean;
  includeCrds?: boolean;
  skipTests?: boolean;
}

export interface RenderResult {
  /** Shared with other renders of the same content: never changed by anybody. */
  objects: readonly RenderedObject[];
  problems: readonly Problem[];
  /** Every file that was read, so that a change of any other changes nothing. */
  files: readonly string[];
}

/** Makes objects of a source. Never throws for what is wrong with the input: that is a problem. */
export interface Renderer {
  readonly kind: SourceKind;
  render(tree: FileTree, path: string, options: RenderOptions): Promise<RenderResult>;
  /**
   * The places that decide fields of rendered objects (design §3.1, "deciding line"). Asked for objects with findings only.
   * The answer has an entry for each field that a file spells out; a field without one gets the object's own location.
   */
  locate(
    tree: FileTree,
    path: string,
    questions: readonly LocateQuestion[],
    options: RenderOptions,
  ): Promise<LocateAnswer[]>;
}

export interface LocateQuestion {
  object: RenderedObject;
  fields: readonly (readonly PathSegment[])[];
}

export interface LocateAnswer {
  /** Where the object itself is declared. */
  object?: Location;
  /** In the order of the question's fields. */
  fields: (Location | undefined)[];
}
