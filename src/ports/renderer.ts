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
}

export interface RenderOptions {
  /** Namespace given to the renderer (helm) or to objects without one. */
  namespace?: string;
  /** Values that came from Secrets; whatever holds one is masked (taint, design §3.1). */
  releaseName?: string;
  signal?: AbortSignal;
}

export interface RenderResult {
  objects: RenderedObject[];
  problems: Problem[];
  /** Every file that was read, so that a change of any other changes nothing. */
  files: string[];
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
