import { CommitsSession, type CommitsSessionOptions } from '../../services/commits/commitsSession.ts';
import { answerText } from './model/answer.ts';
import { olderId, rowOf } from './model/commitNodes.ts';
import { CommitsTree } from './model/commitsTree.ts';

/** What is loaded when the Commits view is first shown: the planning of commits, and the rows of the view. */
export const commitsBundle = {
  createSession: (options: CommitsSessionOptions): CommitsSession => new CommitsSession(options),
  createTree: (): CommitsTree => new CommitsTree(),
  answerText,
  olderId,
  rowOf,
};

export type CommitsBundle = typeof commitsBundle;
