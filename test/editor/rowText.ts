import { eventually } from '../rig/editor/pages/text.ts';
import type { TreeRow, TreeView } from '../rig/editor/pages/treeView.ts';

/** A row of a view as tests spell it: indented by its level, its icon, its label and what stands behind it. */
function rowText({ label, description, level, icon }: TreeRow): string {
  const text = description === '' ? label : `${label} | ${description}`;
  return `${'  '.repeat(level - 1)}${icon ?? ''} ${text}`;
}

/** Without the ids of commits, which differ from run to run. */
function withoutCommits(text: string): string {
  return text.replace(/\b[0-9a-f]{7}\b/g, 'COMMIT');
}

/** The rows of a view as text, once they satisfy; `COMMIT` stands for the id of a commit. */
export async function rowTextsWhen(
  view: TreeView,
  satisfies: (rows: string[]) => boolean,
  timeoutMs: number,
): Promise<string[]> {
  const texts = (rows: readonly TreeRow[]): string[] => rows.map((row) => withoutCommits(rowText(row)));
  return texts(await view.rowsWhen((rows) => satisfies(texts(rows)), timeoutMs));
}

/** The text above the rows of a view, once it satisfies; '' while there is none. */
export function messageWhen(view: TreeView, satisfies: (text: string) => boolean, timeoutMs: number): Promise<string> {
  return eventually('the message', async () => withoutCommits((await view.message()) ?? ''), satisfies, timeoutMs);
}
