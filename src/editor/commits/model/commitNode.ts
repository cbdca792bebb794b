import type { ObjectKey } from '../../../core/kube/objectKey.ts';
import type { Wording } from '../../../core/explain/wording.ts';
import type { ApplicationReport } from '../../../core/report.ts';
import type { CommitsSnapshot } from '../../../services/commits/commitsSession.ts';
import type { RowNode } from '../../views/model/rowNode.ts';

/** A commit, or the working tree, of one application on one context; what commands on rows act on. */
export interface RevisionTarget {
  root: string;
  context: string;
  application: string;
  /** Full commit id, or `worktree`. */
  revision: string;
  /** The object of a step. */
  key?: ObjectKey;
}

/** A row of the Commits view. */
export interface CommitNode extends RowNode {
  kind: 'worktree' | 'group' | 'commit' | 'gate' | 'step' | 'unchanged' | 'note' | 'older' | 'more' | 'problem';
  target?: RevisionTarget;
}

/** What the view is made of. */
export interface CommitsInput {
  root: string;
  context: string;
  snapshot: CommitsSnapshot;
  /** The application as the session of drift reports it; undefined while it has not. */
  report: ApplicationReport | undefined;
  /** Why the last look failed. */
  error: Error | undefined;
  wording: Wording;
}

export function shortId(revision: string): string {
  return revision.slice(0, 7);
}

/** A text that fits its column; the whole of it stands in the tooltip. */
export function fitted(text: string, columns: number): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  if (flat.length <= columns) return flat;
  // Half a surrogate pair is no character.
  return `${flat.slice(0, columns - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
