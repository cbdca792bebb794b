import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { build as bundle } from 'esbuild';
import type { Row } from './measured.ts';
import { watchTree } from './processTree.ts';

const root = join(import.meta.dirname, '..', '..');

/**
 * V8 lets its young generation grow to this many megabytes for each half in the Node 22 of VS Code's extension hosts. Later ones let it
 * grow with the memory of the machine, and a measurement of them would say more of that than of Plumbline.
 */
const youngGeneration = '--max-semi-space-size=16';

/**
 * What a session adds to its process and what it starts, at the peak: rendering 20,000 objects, reading them from the cluster, comparing
 * them. The host is bundled as the extension is.
 */
export async function benchMemory(host: string, kubeconfig: string, repository: string): Promise<Row[]> {
  const bare = await run(['--eval', 'console.log("{}"); process.stdin.resume()']);
  const full = await run([host, kubeconfig, 'admin', repository]);
  const { objects = 0, synced = 0, seconds = 0 } = full.said;
  const megabytes = (full.peak - bare.peak) / 1e6;
  return [
    {
      what: `peak memory over the bare process (${(bare.peak / 1e6).toFixed(0)} MB), ${objects} live objects, first LIST included`,
      must: '≤ 250 MB',
      measured: `${megabytes.toFixed(0)} MB (${synced} synced after ${seconds.toFixed(1)} s)`,
    },
  ];
}

/** Bundles the host into a folder and answers its path. What the extension loads on first use comes from `dist`, as it ships. */
export async function bundleHost(folder: string): Promise<string> {
  const outfile = join(folder, 'memoryHost.cjs');
  const lazyModules = new Map([
    ['clientNode.ts', 'cluster.cjs'],
    ['localRepository.ts', 'git.cjs'],
  ]);
  await bundle({
    entryPoints: [join(import.meta.dirname, 'memoryHost.ts')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    mainFields: ['module', 'main'],
    supported: { 'dynamic-import': false },
    logLevel: 'warning',
    plugins: [
      {
        name: 'lazy-bundles',
        setup(build) {
          build.onResolve({ filter: /\.ts$/ }, ({ kind, path }) => {
            const lazy = kind === 'dynamic-import' ? lazyModules.get(basename(path)) : undefined;
            return lazy === undefined ? undefined : { path: join(root, 'dist', lazy), external: true };
          });
        },
      },
    ],
  });
  return outfile;
}

interface Ran {
  peak: number;
  said: Partial<Record<string, number>>;
}

async function run(args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [youngGeneration, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const watch = watchTree(child.pid ?? 0);
  const ended = once(child, 'close');
  let said: Ran['said'] | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    said = JSON.parse(line) as Ran['said'];
    break;
  }
  const peak = watch.stop();
  child.stdin.end();
  await ended;
  if (said === undefined) throw new Error('The host ended without an answer.');
  return { peak, said };
}
