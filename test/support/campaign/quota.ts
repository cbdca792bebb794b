import type { Change, PathType } from './candidates.ts';
import type { OperationName } from './operations.ts';

/** One kind of edit: how it is made, what it changes, and what kind of path it changes. */
export type Cell = `${OperationName}, ${Change}, ${PathType}`;

type Row = readonly [change: Change, type: PathType];

const everyChange: readonly Row[] = [
  ['changed', 'scalar'],
  ['changed', 'map'],
  ['changed', 'atomic'],
  ['added', 'scalar'],
  ['added', 'map'],
  ['added', 'atomic'],
  ['removed', 'scalar'],
  ['removed', 'map'],
  ['removed', 'atomic'],
  ['item added', 'keyed list'],
  ['item added', 'set'],
  ['item added', 'atomic'],
  ['item removed', 'keyed list'],
  ['item removed', 'set'],
  ['item removed', 'atomic'],
  ['reordered', 'keyed list'],
  ['reordered', 'set'],
  ['reordered', 'atomic'],
];

const isSetting = ([change]: Row): boolean => change === 'changed' || change === 'added' || change === 'item added';

/** What each operation is able to do on a real server; the rest of the table does not exist. */
const possible: Readonly<Record<OperationName, readonly Row[]>> = {
  edit: everyChange,
  'json patch': everyChange,
  'merge patch': everyChange,
  controller: everyChange,
  // A strategic patch leaves the order of a set as it is where it merges it.
  'strategic patch': everyChange.filter(([change, type]) => !(change === 'reordered' && type === 'set')),
  // Applying sets fields; it takes nothing away that it did not own, and orders nothing.
  'second applier': everyChange.filter(isSetting),
  label: [
    ['changed', 'map'],
    ['added', 'map'],
    ['removed', 'map'],
  ],
  'set image': [['changed', 'scalar']],
  scale: [['changed', 'scalar']],
  delete: [['deleted', 'object']],
};

/** All kinds of edit that a campaign has to make. */
export const cells: readonly Cell[] = (Object.keys(possible) as OperationName[]).flatMap((operation) =>
  possible[operation].map(([change, type]): Cell => `${operation}, ${change}, ${type}`),
);

/** Kinds that happen to be made and need not be: a set that a strategic patch replaces whole comes in the order of the patch. */
export const occasional: readonly Cell[] = ['strategic patch, reordered, set'];

/** How often each kind must be made at least: twice in a whole campaign. A short one has to have each operation and each change. */
export function quotaFor(edits: number): number {
  return Math.floor(edits / 500);
}

/** What a campaign of any length has to have: every operation, and every change of every type of path. */
export function missingFrom(made: Iterable<Cell>): string[] {
  const parts = (cell: Cell): string[] => {
    const [operation = '', change = '', type = ''] = cell.split(', ');
    return [operation, `${change}, ${type}`];
  };
  const seen = new Set([...made].flatMap(parts));
  return [...new Set(cells.flatMap(parts))].filter((part) => !seen.has(part));
}
