import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchActivation } from './activationBench.ts';
import { benchCluster } from './clusterBench.ts';
import { benchEvent } from './eventBench.ts';
import { benchKeystroke } from './keystrokeBench.ts';
import { type Row, machine, printRows } from './measured.ts';
import { benchMerge } from './mergeBench.ts';
import { benchPlans } from './plansBench.ts';
import { benchYaml } from './yamlBench.ts';

/**
 * `npm run bench [-- PART…] [--sizes 131,1000] [--distant 131] [--runs 3]`: what design promises of speed and memory, measured, as tables.
 * Figures go to docs/benchmarks.md by hand. PLUMBLINE_CORPORA names the folder with real manifests.
 */
const root = join(import.meta.dirname, '..', '..');
const inProcess: Readonly<Record<string, () => Row[] | Promise<Row[]>>> = {
  yaml: benchYaml,
  merge: benchMerge,
  event: benchEvent,
  keystroke: benchKeystroke,
  plans: benchPlans,
  activation: () => benchActivation(join(root, 'dist')),
};
const all = [...Object.keys(inProcess), 'drift', 'memory'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sizes: { type: 'string', default: '131,1000,5000,20000' },
    distant: { type: 'string', default: '131,1000' },
    runs: { type: 'string', default: '3' },
  },
});
const chosen = positionals.length === 0 ? all : positionals;
const unknown = chosen.filter((part) => !all.includes(part));
if (unknown.length > 0) {
  console.error(`no such part: ${unknown.join(', ')}; there are ${all.join(', ')}`);
  process.exit(64);
}

if (chosen.some((part) => ['activation', 'drift', 'memory'].includes(part))) {
  // What is measured is what ships.
  const { status } = spawnSync(process.execPath, ['esbuild.mjs', '--production'], { cwd: root, stdio: 'ignore' });
  if (status !== 0) console.log('The build is over a budget or failed: see `npm run build`.\n');
}
console.log(`${new Date().toISOString().slice(0, 10)}, ${machine()}\n`);
console.log('| what | must | measured |\n|---|---|---|');
for (const part of chosen) printRows((await inProcess[part]?.()) ?? []);
if (chosen.includes('drift') || chosen.includes('memory')) {
  console.log('');
  const rows = await benchCluster({
    drift: chosen.includes('drift'),
    memory: chosen.includes('memory'),
    sizes: numbers(values.sizes).sort((a, b) => a - b),
    distant: numbers(values.distant),
    runs: Number(values.runs),
  });
  console.log('\n| what | must | measured |\n|---|---|---|');
  printRows(rows);
}

function numbers(list: string): number[] {
  return list
    .split(',')
    .filter((text) => text !== '')
    .map(Number);
}
