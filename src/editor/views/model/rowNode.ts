import type { Location } from '../../../core/location.ts';
import type { Icon } from './statusLooks.ts';

/** A row of a tree view, all that the editor shows of it. */
export interface RowNode {
  /** Stable between snapshots, unique in the view. */
  id: string;
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
  /** Where `location.file` starts from. */
  root?: string;
  location?: Location;
  /** Name of the status that the row's decoration stands for. */
  status?: string;
}

/** Whether two rows of the same id look and act the same. */
export function sameNode(a: RowNode, b: RowNode): boolean {
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

/** Parts of a row's text that have something to say. */
export function joinParts(parts: readonly string[], by = ' · '): string {
  return parts.filter((part) => part !== '').join(by);
}

export function joinFlags(...parts: (string | false | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== false && part !== '').join('+');
}
