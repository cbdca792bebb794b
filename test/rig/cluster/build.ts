/**
 * Builds what the cluster rig runs: `node test/rig/cluster/build.ts [SET or MODULE…]`, everything when none is named.
 * Only what is missing in the cache is built, so a second call costs nothing.
 */
import { execFile, spawn } from 'node:child_process';
import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildFlags, cacheFolder, isExecutable, moduleFolder } from './binaries.ts';
import { withLock } from './buildLock.ts';
import { sets, wrappers, type Asset, type Component, type Wrapper } from './components.ts';

const environment = { ...process.env, ...buildFlags.environment };
const log = (line: string): void => void process.stderr.write(`${line}\n`);

async function runGo(args: readonly string[], cwd: string): Promise<void> {
  const child = spawn('go', args, { cwd, env: environment, stdio: ['ignore', 'inherit', 'inherit'] });
  // Minutes of compilation must not slow what else runs on the machine.
  if (child.pid !== undefined) setPriority(child.pid, 10);
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  if (code !== 0) throw new Error(`go ${args.join(' ')} in ${cwd} ended with ${String(code)}.`);
}

async function buildComponent(wrapper: Wrapper, component: Component, folder: string): Promise<void> {
  const target = join(folder, component.binary);
  if (await isExecutable(target)) return;
  const started = Date.now();
  log(`${component.binary}: building (minutes when nothing is cached)`);
  const stamps = Object.entries(component.stamps).map(([name, value]) => `-X ${name}=${value}`);
  // Renamed when whole, so that a build that was broken off never passes for a binary.
  const temporary = `${target}.${String(process.pid)}`;
  try {
    const linker = [buildFlags.linker, ...stamps].join(' ');
    const args = ['build', ...buildFlags.arguments, '-ldflags', linker, '-o', temporary, component.package];
    await runGo(args, moduleFolder(wrapper));
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
  log(`${component.binary}: ${((Date.now() - started) / 1000).toFixed(0)} s`);
}

/** The module cache's folder of a module; `go mod download` fetches it where only binaries were kept. */
async function moduleSource(wrapper: Wrapper, module: string): Promise<string> {
  const options = { cwd: moduleFolder(wrapper), env: environment };
  const { stdout } = await promisify(execFile)('go', ['mod', 'download', '-json', module], options);
  const { Dir: folder } = JSON.parse(stdout) as { Dir?: string };
  if (folder === undefined) throw new Error(`go mod download gave no folder for ${module}.`);
  return folder;
}

async function copyAsset(wrapper: Wrapper, asset: Asset, folder: string): Promise<void> {
  // One folder may be filled from several modules, so each leaves a mark of its own.
  const target = join(folder, asset.to);
  const mark = join(target, `.copied-${asset.module.replaceAll(/[^\w.@-]/g, '_')}`);
  if ((await stat(mark).catch(() => undefined)) !== undefined) return;
  const source = join(await moduleSource(wrapper, asset.module), asset.folder);
  await mkdir(target, { recursive: true });
  for (const name of await readdir(source)) {
    if (asset.files.test(name)) await copyFile(join(source, name), join(target, name));
  }
  await mkdir(mark);
}

/**
 * Builds the wrapper modules of the given names (all by default) into the cache, one after the other.
 * @throws when Go is missing or a build fails; what was built before stays.
 */
export async function build(names: readonly string[] = wrappers.map(({ name }) => name)): Promise<void> {
  for (const wrapper of wrappers) {
    if (!names.includes(wrapper.name)) continue;
    const folder = await cacheFolder(wrapper);
    await mkdir(folder, { recursive: true });
    await withLock(join(folder, '.lock'), async () => {
      for (const asset of wrapper.assets) await copyAsset(wrapper, asset, folder);
      for (const component of wrapper.components) await buildComponent(wrapper, component, folder);
    });
  }
}

async function main(args: readonly string[]): Promise<number> {
  const known = [...Object.keys(sets), ...wrappers.map(({ name }) => name)];
  const unknown = args.filter((arg) => !known.includes(arg));
  if (unknown.length > 0) {
    log(`Unknown: ${unknown.join(', ')}. Sets and modules are: ${known.join(', ')}.`);
    return 64;
  }
  await build(args.length === 0 ? undefined : args.flatMap((arg) => sets[arg] ?? [arg]));
  return 0;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
