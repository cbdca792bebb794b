import { build } from 'esbuild';
import { join } from 'node:path';
import { RigError } from '../rigError.ts';

/** Environment variable with the file that the tests' results are written to. */
export const resultsVariable = 'PLUMBLINE_HOST_RESULTS';

/** Time that one host test may take, in milliseconds. */
const testTimeoutMs = 60_000;

/**
 * Bundles test files into one CommonJS module with the `run()` that VS Code calls, since its extension host loads no TypeScript.
 *
 * @returns path of the module, inside `folder`
 */
export async function bundleHostTests(files: readonly string[], folder: string): Promise<string> {
  const outfile = join(folder, 'hostTests.cjs');
  const hostTest = join(import.meta.dirname, 'hostTest.ts');
  const contents = [
    `import { writeFileSync } from 'node:fs';`,
    `import { runHostTests } from ${JSON.stringify(hostTest)};`,
    ...files.map((file) => `import ${JSON.stringify(file)};`),
    `export async function run() {`,
    `  const results = await runHostTests(${String(testTimeoutMs)});`,
    `  writeFileSync(process.env.${resultsVariable}, JSON.stringify(results));`,
    `  const failed = results.filter((result) => result.error !== undefined);`,
    `  if (failed.length > 0) throw new Error(failed.length + ' of ' + results.length + ' host tests failed.');`,
    `}`,
  ].join('\n');
  try {
    await build({
      stdin: { contents, resolveDir: folder, sourcefile: 'hostTests.ts', loader: 'ts' },
      bundle: true,
      outfile,
      platform: 'node',
      format: 'cjs',
      target: 'node22',
      external: ['vscode'],
      logLevel: 'silent',
    });
  } catch (ex) {
    const message = `The host tests could not be bundled: ${ex instanceof Error ? ex.message : String(ex)}`;
    throw new RigError('badExtension', message, 'Correct what the message names.', { cause: ex });
  }
  return outfile;
}
