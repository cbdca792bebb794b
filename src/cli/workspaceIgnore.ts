import { type Json, isJsonObject } from '../core/json.ts';
import { parseJsonWithComments } from '../core/jsonWithComments.ts';
import type { Problem } from '../core/problem.ts';
import { joinPath } from '../core/repositoryPath.ts';
import type { FileTree } from '../ports/fileTree.ts';

/**
 * The setting `plumbline.ignore` as the workspace has it (`.vscode/settings.json` of the folder, else of the repository), so that editor and
 * pipelines ignore the same. The file is a person's own where it is not committed, so a fault in it is a warning.
 */
export async function workspaceIgnore(
  tree: FileTree,
  below: string,
  signal?: AbortSignal,
): Promise<{ ignore: Json; problems: Problem[] }> {
  for (const folder of new Set([below, ''])) {
    const file = joinPath(folder, '.vscode/settings.json') ?? '';
    const bytes = await tree.read(file, signal);
    if (bytes === undefined) continue;
    try {
      const settings = parseJsonWithComments(new TextDecoder().decode(bytes));
      const ignore = isJsonObject(settings) ? settings['plumbline.ignore'] : undefined;
      if (ignore !== undefined) return { ignore, problems: [] };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const problem: Problem = {
        code: 'invalid-config',
        severity: 'warning',
        message: `${file} cannot be read, so plumbline.ignore in it does not count: ${why}`,
        remedy: 'Correct its JSON.',
        location: { file, via: 'manifest' },
      };
      return { ignore: null, problems: [problem] };
    }
  }
  return { ignore: null, problems: [] };
}
