import { type ObjectKey, keyText } from '../../core/kube/objectKey.ts';
import type { PathSegment } from '../../core/location.ts';
import { smallestEdit } from '../../core/text/textEdits.ts';
import { notRead } from '../../services/sync/syncRefusal.ts';
import { ignoreDifference } from '../../services/ignore/ignoreDifference.ts';
import { unsavedTree } from '../sessions/unsavedTree.ts';
import type { ActionRun } from './actionRun.ts';
import { openScope } from './openTarget.ts';
import { preparedOf } from './sync.ts';

/**
 * *Ignore this difference*: by a rule of the engine itself, as an edit of the file that declares the engine's object; where there is none, by
 * a rule in the workspace's settings (design §4). The cluster is only read.
 */
export async function ignore(run: ActionRun, key: ObjectKey, segments: readonly PathSegment[]): Promise<void> {
  const { parts, target } = run;
  const { t } = parts;
  const folder = (await parts.folders()).find((item) => item.root === target.root);
  if (folder === undefined) throw new Error(t('{0} is not open any more.', target.root));
  const cluster = await parts.clusters.connect(target.context);
  // What is typed and not saved counts: the finding was made with it, and the rule is written beside it.
  const tree = unsavedTree(folder.tree, () => parts.unsaved(target.root));
  const proposal = await run.plan(async (signal) => {
    const opened = { cluster, folder: { ...folder, tree } };
    const scope = await openScope(run, opened, [target.application], false, signal);
    const prepared = preparedOf(run, scope);
    const isDeclared = prepared.targets.some((item) => keyText(item.key) === keyText(key));
    const unread = isDeclared ? undefined : notRead(prepared);
    if (unread !== undefined) return { ...unread, kind: 'refused' as const };
    const question = { application: prepared.application, key, segments, ...parts.objects(target, key) };
    return ignoreDifference(question, {
      tree,
      cluster,
      signal,
    });
  });
  switch (proposal.kind) {
    case 'refused':
      return run.end({ result: 'refused', reason: proposal.reason });
    case 'setting':
      await parts.addIgnoreRule(proposal.rule);
      return run.say(
        proposal.because === undefined
          ? t('A rule in the settings of this workspace (plumbline.ignore) leaves it out from now on.')
          : t(
              'A rule in the settings of this workspace (plumbline.ignore) leaves it out from now on; the engine does not know of it, because {0}.',
              proposal.because,
            ),
      );
    case 'edit': {
      const { file, before, after, place, note } = proposal;
      if (!(await parts.edit(target.root, file, before, smallestEdit(before, after)))) {
        return run.end({ result: 'refused', reason: t('{0} has changed meanwhile', file) });
      }
      const said = t('The rule stands in {0} ({1}). Commit and deliver it as any other change.', place, file);
      return run.say(note === undefined ? said : `${said} ${note}`);
    }
  }
}
