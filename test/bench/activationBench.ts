import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Row, median } from './measured.ts';

const runs = 9;

/** Loading the built extension and activating it, each time in a new process, by an editor that does nothing itself. */
export function benchActivation(dist: string): Row[] {
  const bundle = join(dist, 'extension.cjs');
  const times: { load: number; activate: number }[] = [];
  for (let run = 0; run < runs; run++) {
    const { stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'activationHost.ts'), bundle], {
      encoding: 'utf8',
    });
    // A minified bundle prints its whole line before the error.
    if (!stdout.startsWith('{')) throw new Error(`The extension did not activate: ${stderr.slice(-500)}`);
    times.push(JSON.parse(stdout) as { load: number; activate: number });
  }
  const load = median(times.map((time) => time.load));
  const activate = median(times.map((time) => time.activate));
  const both = median(times.map((time) => time.load + time.activate));
  return [
    {
      what: 'activation, the loading of the bundle included',
      must: '≤ 50 ms',
      measured: `${both.toFixed(1)} ms (loading ${load.toFixed(1)}, activating ${activate.toFixed(1)}; ${runs} processes)`,
    },
    { what: 'main bundle', must: '≤ 500 KB', measured: `${Math.ceil(statSync(bundle).size / 1000)} KB` },
  ];
}
