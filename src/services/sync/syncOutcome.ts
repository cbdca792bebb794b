import type { ObjectKey } from '../../core/kube/objectKey.ts';

/** One thing done on the way from an edit to a healthy cluster; shown as it happens. */
export type SyncStep =
  | { step: 'committed'; commit: string }
  | { step: 'pushed'; remote: string; branch: string }
  | { step: 'requested'; what: string }
  | { step: 'fetched'; revision: string }
  | { step: 'applying'; done: number; total: number; key: ObjectKey; result: 'created' | 'configured' | 'unchanged' }
  | { step: 'applied'; revision: string }
  | { step: 'pruned'; key: ObjectKey }
  | { step: 'waiting'; for: string }
  | { step: 'healthy' };

export type SyncListener = (step: SyncStep) => void;

/** How a sync ended. Every end says where things stand; nothing is undone by itself. */
export type SyncOutcome =
  | { result: 'done'; health: 'healthy' | 'not-waited' }
  /** Refused before anything was sent. */
  | { result: 'refused'; reason: string; remedy?: string }
  /** Some of it may have been done: `done` says what. */
  | { result: 'failed'; reason: string; remedy?: string; done: string }
  | { result: 'unhealthy'; reason: string; done: string }
  /** The user stopped it: `done` says what had been done by then, `next` what happens with it from here. */
  | { result: 'stopped'; done: string; next: string };

/** The sentence that a stopped action ends with (ui.md, "Progress"). */
export function stoppedText({ done, next }: Extract<SyncOutcome, { result: 'stopped' }>): string {
  return `Stopped. ${done.charAt(0).toUpperCase()}${done.slice(1)}; ${next}.`;
}
