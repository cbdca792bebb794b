import type { FileStatus } from '../../../ports/gitRepository.ts';
import type { Translate } from '../../../core/explain/wording.ts';
import type { PickItem } from '../prompts.ts';

/** A changed file in the pick of what is committed. */
export function shownChangesOfFile(file: FileStatus, t: Translate): PickItem<string> {
  const partly = file.staged && file.unstaged && file.change !== 'untracked';
  const slash = file.path.lastIndexOf('/');
  return {
    value: file.path,
    label: file.path.slice(slash + 1),
    description: [slash < 0 ? '' : file.path.slice(0, slash), changeText(file.change, t)]
      .filter((part) => part !== '')
      .join(' · '),
    ...(partly ? { detail: t('staged in part: the commit holds what is staged') } : {}),
    picked: file.change !== 'unmerged',
  };
}

function changeText(change: FileStatus['change'], t: Translate): string {
  switch (change) {
    case 'added':
      return t('added');
    case 'modified':
      return t('modified');
    case 'deleted':
      return t('deleted');
    case 'untracked':
      return t('new, not in Git yet');
    case 'unmerged':
      return t('has merge conflicts');
  }
}
