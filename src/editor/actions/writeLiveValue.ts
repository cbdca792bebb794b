import type { ObjectKey } from '../../core/kube/objectKey.ts';
import type { PathSegment } from '../../core/location.ts';
import { openActionScope } from '../../services/actions/actionScope.ts';
import { liveValueEdit } from '../../services/actions/liveValueEdit.ts';
import { unsavedTree } from '../sessions/unsavedTree.ts';
import type { ActionRun } from './actionRun.ts';

/**
 * *Write live value into Git*: the deciding line says what the cluster has. An edit in the editor, proved by rendering, to be undone, saved
 * and committed like any other; the cluster is only read.
 */
export async function writeLiveValue(run: ActionRun, key: ObjectKey, segments: readonly PathSegment[]): Promise<void> {
  const { parts, target } = run;
  const { t } = parts;
  const folder = (await parts.folders()).find((item) => item.root === target.root);
  if (folder === undefined) throw new Error(t('{0} is not open any more.', target.root));
  const cluster = await parts.clusters.connect(target.context);
  const tree = unsavedTree(folder.tree, () => parts.unsaved(target.root));
  const { proposed, before } = await run.plan(async (signal) => {
    const { namespace } = parts.settings();
    const scope = await openActionScope({
      cluster,
      tree,
      repository: folder.repository,
      renderers: parts.renderers,
      below: folder.below,
      // All that the cluster may hold: others may read the same line.
      chosen: new Set(),
      prune: false,
      clock: parts.clock,
      sleep: parts.sleep,
      toolVersion: parts.toolVersion,
      signal,
      ...(namespace === undefined ? {} : { namespace }),
    });
    const edit = await liveValueEdit(scope, target.application, key, segments, signal);
    const bytes = edit.result === 'possible' ? await tree.read(edit.file, signal) : undefined;
    return { proposed: edit, before: bytes };
  });
  if (proposed.result === 'refused') return run.end(proposed);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(before);
  const written = await parts.edit(target.root, proposed.file, text, proposed.edits);
  if (!written) {
    return run.end({ result: 'refused', reason: t('{0} has changed meanwhile', proposed.file) });
  }
  for (const note of proposed.notes) parts.log.info(`${run.title}: ${note}`);
  if (proposed.notes.length === 0) return;
  const sentences = proposed.notes.map((note) =>
    `${note.charAt(0).toUpperCase()}${note.slice(1)}`.replace(/([^.!?])$/, '$1.'),
  );
  await run.say(t('Written into {0}. {1}', proposed.file, sentences.join(' ')));
}
