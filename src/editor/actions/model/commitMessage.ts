import type { Translate } from '../../../core/explain/wording.ts';

/** Git itself takes more, but a subject longer than this is cut off wherever it is shown. */
const longestSubject = 72;

/** What is wrong with a commit message; undefined where nothing is. */
export function messageProblem(text: string, t: Translate): string | undefined {
  const subject = text.trim().split('\n')[0] ?? '';
  if (subject === '') return t('A commit needs a message.');
  if (subject.startsWith('#')) return t('Git takes lines that begin with # for comments.');
  if (subject.length <= longestSubject) return undefined;
  return t('{0} characters are too many for a subject; {1} at most.', subject.length, longestSubject);
}
