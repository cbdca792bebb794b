import { type ActionScope, openActionScope } from '../../services/actions/actionScope.ts';
import type { Cluster } from '../../ports/cluster.ts';
import type { OpenedFolder } from '../sessions/editorParts.ts';
import type { ActionRun } from './actionRun.ts';
import { Declined } from './declined.ts';

/** The cluster and the folder that an action works on, allowed and saved. */
export interface Opened {
  cluster: Cluster;
  folder: OpenedFolder;
}

/**
 * The same client for the whole action, after the user allowed its context, and the files on disk as the editors have them. Throws
 * Declined where the user did not allow it.
 */
export async function openTarget({ parts, target }: ActionRun): Promise<Opened> {
  const { clusters, permissions, t } = parts;
  const cluster = await clusters.connect(target.context);
  if (!(await permissions.request(cluster))) throw new Declined();
  return { cluster, folder: await openFolder({ parts, target }, t) };
}

/** The folder with its editors saved: an action goes by what is on disk. */
export async function openFolder(
  { parts, target }: Pick<ActionRun, 'parts' | 'target'>,
  t = parts.t,
): Promise<OpenedFolder> {
  const folder = (await parts.folders()).find((item) => item.root === target.root);
  if (folder === undefined) throw new Error(t('{0} is not open any more.', target.root));
  const unsaved = [...parts.unsaved(target.root).keys()];
  if (unsaved.length === 0) return folder;
  const button = t('Save and Go On');
  const pressed = await parts.prompts.ask({
    message: unsaved.length === 1 ? t('1 manifest is not saved.') : t('{0} manifests are not saved.', unsaved.length),
    detail: unsaved.slice(0, 8).join('\n'),
    buttons: [button],
  });
  if (pressed !== button || !(await parts.save(target.root))) throw new Declined();
  return folder;
}

/** Renders what an action is about. `chosen` empty: what the view compares. */
export function openScope(
  { parts }: ActionRun,
  { cluster, folder }: Opened,
  chosen: readonly string[],
  prune: boolean,
  signal?: AbortSignal,
): Promise<ActionScope> {
  const { applications, namespace } = parts.settings();
  return openActionScope({
    cluster,
    tree: folder.tree,
    repository: folder.repository,
    renderers: parts.renderers,
    below: folder.below,
    chosen: chosen.length === 0 ? applications : new Set(chosen),
    prune,
    clock: parts.clock,
    sleep: parts.sleep,
    toolVersion: parts.toolVersion,
    ...(namespace === undefined ? {} : { namespace }),
    ...(signal === undefined ? {} : { signal }),
  });
}
