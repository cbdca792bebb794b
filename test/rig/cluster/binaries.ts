import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, constants, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { wrappers, type Component, type Wrapper } from './components.ts';

const run = promisify(execFile);

/** What every build is run with; part of the key, as a changed flag changes the binaries. */
export const buildFlags = {
  // Two cores are all that some machines have; a build beside other work must not take more.
  arguments: ['-p', '2'],
  linker: '-s -w',
  environment: { GOFLAGS: '-buildvcs=false', GOTOOLCHAIN: 'local', CGO_ENABLED: '0' },
} as const;

/** The folder of a wrapper's `go.mod`, `go.sum` and `tools.go`. */
export function moduleFolder(wrapper: Wrapper): string {
  return join(import.meta.dirname, 'modules', wrapper.name);
}

let goVersion: Promise<string> | undefined;

async function readGoVersion(): Promise<string> {
  try {
    const { stdout } = await run('go', ['env', 'GOVERSION'], { env: { ...process.env, GOTOOLCHAIN: 'local' } });
    return stdout.trim();
  } catch (cause) {
    throw new Error('The rig builds its programs with Go 1.26, and go is not on PATH.', { cause });
  }
}

/**
 * Where a wrapper's binaries, CRDs and stages are cached. Each wrapper has a key of its own (Go version, flags, packages,
 * go.mod and go.sum), so that a new version of one rebuilds none of the others.
 * @throws when `go` is not installed, as the key then cannot be told.
 */
export async function cacheFolder(wrapper: Wrapper): Promise<string> {
  goVersion ??= readGoVersion();
  const key = createHash('sha256');
  // A RegExp has no JSON form of its own.
  const spec = JSON.stringify(wrapper, (_, value: unknown) => (value instanceof RegExp ? value.source : value));
  key.update(`${await goVersion}\n${JSON.stringify(buildFlags)}\n${spec}\n`);
  for (const file of ['go.mod', 'go.sum']) {
    key.update(await readFile(join(moduleFolder(wrapper), file)));
  }
  const root = process.env.PLUMBLINE_CACHE ?? join(homedir(), '.cache', 'plumbline');
  return join(root, 'cluster', `${wrapper.name}-${key.digest('hex').slice(0, 12)}`);
}

/** Whether `path` is there and may be run. */
export async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Looks along PATH, for the programs that come from the distribution (git, openssl, redis-server). */
export async function findOnPath(name: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder !== '' && (await isExecutable(join(folder, name)))) return join(folder, name);
  }
  return undefined;
}

/** What Kubernetes' envtest keeps in `KUBEBUILDER_ASSETS`; who has it builds nothing for the bare API server. */
const envtestBinaries = new Set(['etcd', 'kube-apiserver', 'kubectl']);

async function findBuilt(wrapper: Wrapper, component: Component): Promise<string | undefined> {
  const assets = process.env.KUBEBUILDER_ASSETS;
  if (assets !== undefined && envtestBinaries.has(component.binary)) {
    const path = join(assets, component.binary);
    if (await isExecutable(path)) return path;
  }
  const folder = await cacheFolder(wrapper).catch(() => undefined);
  if (folder === undefined) return undefined;
  const path = join(folder, component.binary);
  return (await isExecutable(path)) ? path : undefined;
}

/** Absolute path of a built program, or undefined when it has to be built first. */
export async function findBinary(binary: string): Promise<string | undefined> {
  for (const wrapper of wrappers) {
    const component = wrapper.components.find((candidate) => candidate.binary === binary);
    if (component !== undefined) return findBuilt(wrapper, component);
  }
  return findOnPath(binary);
}

/** Folder of what a wrapper's module carries beside its code, e.g. `assetFolder('kwok', 'stages')`. */
export async function assetFolder(wrapperName: string, name: string): Promise<string> {
  const wrapper = wrappers.find((candidate) => candidate.name === wrapperName);
  if (wrapper === undefined) throw new Error(`No wrapper module is called ${wrapperName}.`);
  return join(await cacheFolder(wrapper), name);
}
