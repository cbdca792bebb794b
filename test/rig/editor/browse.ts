import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startEditor, type EditorOptions } from './editor.ts';

/**
 * Starts VS Code with an extension for a person to look at in a browser, and keeps it until Ctrl-C (or SIGTERM).
 *
 * @param print takes the lines for the person; the URL in them opens the editor with its token
 */
export async function browse(options: EditorOptions, print: (line: string) => void = console.log): Promise<void> {
  const editor = await startEditor({
    ...options,
    // A person, unlike a test, is not to be surprised by a window without menu bar and title.
    userSettings: { 'window.commandCenter': true, 'workbench.tips.enabled': true, ...options.userSettings },
  });
  try {
    print(`VS Code with the extension: ${editor.url}`);
    print('Reachable from this machine only. Ctrl-C ends it.');
    await new Promise<void>((end) => {
      process.once('SIGINT', () => {
        end();
      });
      process.once('SIGTERM', () => {
        end();
      });
    });
  } finally {
    await editor.stop();
  }
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    options: { vsix: { type: 'string' }, extension: { type: 'string' } },
    allowPositionals: true,
  });
  const [workspace = '.'] = positionals;
  await browse({
    workspace: resolve(workspace),
    ...(values.vsix ? { vsix: resolve(values.vsix) } : { extensionDevelopmentPath: resolve(values.extension ?? '.') }),
    // Named on purpose by whoever starts this, so it is not the editor that chose a cluster.
    env: { KUBECONFIG: process.env['KUBECONFIG'] },
  });
}
