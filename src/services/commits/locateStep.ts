import { type ObjectKey, keyText } from '../../core/kube/objectKey.ts';
import type { Location, PathSegment } from '../../core/location.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import type { KnownApplication } from '../drift/driftSession.ts';
import { asFluxBuilds } from '../drift/prepareFlux.ts';
import type { PlanSettings } from './commitPlans.ts';

/**
 * The line of the working tree that decides a field of an object, else the object's own place. Undefined where the working tree does not
 * declare the object.
 */
export async function locateStep(
  known: KnownApplication,
  tree: FileTree,
  settings: PlanSettings,
  key: ObjectKey,
  field: readonly PathSegment[] | undefined,
  signal?: AbortSignal,
): Promise<Location | undefined> {
  const { application, targets } = known.prepared;
  const target = targets.find((candidate) => keyText(candidate.key) === keyText(key));
  if (target === undefined) return undefined;
  const renderer = settings.renderers[application.source.kind];
  const options = { ...settings, tree, ...(signal === undefined ? {} : { signal }) };
  const build = known.flux === undefined ? {} : asFluxBuilds(known.flux.delivery, options).build;
  const namespace = application.destination.namespace ?? settings.namespace;
  const [found] = await renderer.locate(
    tree,
    application.source.path,
    [{ object: target.rendered, fields: field === undefined ? [] : [[...field]] }],
    {
      ...(namespace === undefined ? {} : { namespace }),
      ...build,
      ...(signal === undefined ? {} : { signal }),
    },
  );
  const own: Location | undefined =
    target.rendered.file === undefined ? undefined : { file: target.rendered.file, via: 'manifest' };
  return found?.fields[0] ?? found?.object ?? own;
}
