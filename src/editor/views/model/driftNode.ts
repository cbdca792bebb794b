import type { ObjectRef } from '../../sessions/objectRef.ts';
import type { RowNode } from './rowNode.ts';

/** A row of the Drift view. */
export interface DriftNode extends RowNode {
  kind: 'problem' | 'application' | 'object' | 'field' | 'synced' | 'note';
  /** The object or field that commands act on. */
  ref?: ObjectRef;
  /** The application that commands act on, of its own row. */
  target?: { root: string; context: string; application: string };
}
