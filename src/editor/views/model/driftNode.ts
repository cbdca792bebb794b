import type { Location } from '../../../core/location.ts';
import type { ObjectRef } from '../../sessions/objectRef.ts';
import type { Icon } from './statusLooks.ts';

/** A row of the Drift view, all that the editor shows of it. */
export interface DriftNode {
  /** Stable between snapshots, unique in the view. */
  id: string;
  kind: 'problem' | 'application' | 'object' | 'field' | 'synced' | 'note';
  label: string;
  description: string;
  icon: Icon;
  /** What a screen reader says; the label and the state in words. */
  spoken: string;
  /** Flags for when clauses: `field+drifted+located`. */
  flags: string;
  children: 'none' | 'collapsed' | 'expanded';
  /** Markdown whose values are escaped; made when it is asked for. */
  tooltip(): string;
  /** The object or field that commands act on. */
  ref?: ObjectRef;
  /** Where `location.file` starts from. */
  root?: string;
  location?: Location;
  /** Name of the status that the row's decoration stands for. */
  status?: string;
}

/** Whether two rows of the same id look and act the same. */
export function sameNode(a: DriftNode, b: DriftNode): boolean {
  return (
    a.label === b.label &&
    a.description === b.description &&
    a.icon.id === b.icon.id &&
    a.icon.color === b.icon.color &&
    a.flags === b.flags &&
    a.children === b.children &&
    a.spoken === b.spoken &&
    a.status === b.status &&
    a.location?.file === b.location?.file &&
    a.location?.line === b.location?.line &&
    a.location?.column === b.location?.column
  );
}
