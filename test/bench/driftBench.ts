import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { watchTree } from './processTree.ts';
import { median } from './measured.ts';

/** Rendered manifests that are applied, and how often each command is measured on them. */
export interface DriftCase {
  name: string;
  objects: number;
  /** Folder of the manifests. */
  folder: string;
  /** Runs of `plumbline drift`, after one that is thrown away. */
  runs: number;
  /** Runs of each `kubectl diff`; each is some times as long, and the first is none the slower. */
  kubectlRuns: number;
  /** Also with `--concurrency=8`. */
  eight: boolean;
}

export interface DriftPlace {
  name: string;
  kubeconfig: string;
  environment: NodeJS.ProcessEnv;
  /** The built command line. */
  cli: string;
  kubectl: string;
}

export const driftHeader = [
  '| what | objects | where | plumbline drift | peak memory | kubectl diff | its memory | --concurrency=8 | ratio | ratio to 8 |',
  '|---|---:|---|---:|---:|---:|---:|---:|---:|---:|',
].join('\n');

/** Longest time that one `kubectl diff` is waited for. */
const patienceMilliseconds = 150_000;

/** The whole process of `plumbline drift` beside `kubectl diff --server-side`, on the same manifests and server; a row of the table. */
export async function compareDrift(item: DriftCase, place: DriftPlace): Promise<string> {
  const { folder, runs, kubectlRuns, eight } = item;
  const drift = [place.cli, 'drift', folder, '--context', 'admin', '--fail-on', 'none'];
  await runOnce(process.execPath, drift, place);
  const ours = await runAll(runs, process.execPath, drift, place);
  const diff = ['diff', '--server-side', '--context', 'admin', '--recursive', '--filename', folder];
  const one = await runAll(kubectlRuns, place.kubectl, diff, place);
  const parallel = eight ? await runAll(kubectlRuns, place.kubectl, [...diff, '--concurrency=8'], place) : undefined;
  const cells = [
    ...[item.name, String(item.objects), place.name],
    ...[seconds(ours), memory(ours), seconds(one), memory(one)],
    parallel === undefined ? '–' : seconds(parallel),
    ratio(one, ours),
    parallel === undefined ? '–' : ratio(parallel, ours),
  ];
  return `| ${cells.join(' | ')} |`;
}

interface Run {
  milliseconds: number;
  /** Of the process and all that it started, in bytes. */
  peak: number;
  /** It took longer than anybody would wait. */
  ended: boolean;
}

async function runAll(runs: number, command: string, args: readonly string[], place: DriftPlace): Promise<Run[]> {
  const all: Run[] = [];
  for (let run = 0; run < runs; run++) all.push(await runOnce(command, args, place));
  return all;
}

function runOnce(command: string, args: readonly string[], { kubeconfig, environment }: DriftPlace): Promise<Run> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command, args, {
      env: { ...environment, KUBECONFIG: kubeconfig },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const watch = watchTree(child.pid ?? 0);
    let ended = false;
    const patience = setTimeout(() => {
      ended = true;
      child.kill();
    }, patienceMilliseconds);
    let errors = '';
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(patience);
      const run = { milliseconds: performance.now() - started, peak: watch.stop(), ended };
      // 1 means differences for both; anything else is a run that measured nothing.
      if (ended || code === 0 || code === 1) resolve(run);
      else reject(new Error(`${command} ended with ${code}: ${errors.slice(0, 500)}`));
    });
  });
}

function seconds(runs: readonly Run[]): string {
  const times = runs.map((run) => run.milliseconds / 1000);
  const value = `${median(times).toFixed(2)} s`;
  if (runs.some((run) => run.ended)) return `not done after ${value}`;
  if (runs.length === 1) return `${value} (one run)`;
  return `${value} (${Math.min(...times).toFixed(2)}–${Math.max(...times).toFixed(2)})`;
}

function memory(runs: readonly Run[]): string {
  return `${(Math.max(...runs.map((run) => run.peak)) / 1e6).toFixed(0)} MB`;
}

function ratio(theirs: readonly Run[], ours: readonly Run[]): string {
  const of = (runs: readonly Run[]): number => median(runs.map((run) => run.milliseconds));
  return `${theirs.some((run) => run.ended) ? '> ' : ''}${(of(theirs) / of(ours)).toFixed(1)}×`;
}

export function driftCli(root: string): string {
  return join(root, 'dist', 'plumbline.cjs');
}
