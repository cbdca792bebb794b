import type { Application } from '../../core/delivery/application.ts';
import { isNamedByPlaceholder } from '../../core/delivery/helm/placeholderRelease.ts';
import type { ObjectKey } from '../../core/kube/objectKey.ts';
import type { ApiResource } from '../../ports/cluster.ts';
import type { RenderedObject } from '../../ports/renderer.ts';

/** An object of an application with the identity that it has in the destination's cluster. */
export interface Target {
  application: Application;
  /** Undefined for what only the engine's inventory knows: Git does not declare it any more. */
  rendered: RenderedObject | undefined;
  key: ObjectKey;
  /** API version without the group, as Git writes it or as the inventory has it. */
  version: string;
  /** How the cluster serves it; undefined where its kind comes with the same change (semantics I-4). */
  resource: ApiResource | undefined;
}

/** One that Git declares. */
export interface DeclaredTarget extends Target {
  rendered: RenderedObject;
}

/** An object of a plain chart that bears the name of a release which nobody named: it stands for one that is called otherwise. */
export function isOfUnnamedRelease({ application: { engine, source }, rendered }: Target): boolean {
  return (
    engine === 'direct' && source.kind === 'helm' && rendered !== undefined && isNamedByPlaceholder(rendered.object)
  );
}
