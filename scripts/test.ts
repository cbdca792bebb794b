import { globSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { extractTools } from './tools.ts';

/** Files of each tier, and how many may run side by side: those that start servers share two cores badly. */
const tiers: Record<string, { patterns: string[]; except?: RegExp; concurrency: number; timeoutMinutes: number }> = {
  fast: {
    patterns: ['test/unit/**/*.test.ts', 'test/contract/**/*.test.ts', 'test/architecture/**/*.test.ts'],
    except: /real\.test\.ts$/,
    concurrency: 2,
    timeoutMinutes: 10,
  },
  cluster: {
    patterns: ['test/cluster/**/*.test.ts', 'test/contract/**/*real.test.ts'],
    concurrency: 1,
    timeoutMinutes: 30,
  },
  editor: { patterns: ['test/editor/**/*.test.ts'], concurrency: 1, timeoutMinutes: 20 },
};

const tier = tiers[process.argv[2] ?? ''];
if (tier === undefined) {
  console.error(`usage: node scripts/test.ts ${Object.keys(tiers).join('|')} [file…]`);
  process.exit(64);
}

const tools = await extractTools();
if (tools !== undefined) {
  process.env['PLUMBLINE_KUBECTL'] ??= join(tools, 'kubectl');
  process.env['PLUMBLINE_HELM'] ??= join(tools, 'helm');
}

const chosen = process.argv.slice(3).map((file) => resolve(file));
const found = globSync(tier.patterns)
  .filter((file) => tier.except?.test(file) !== true)
  .sort()
  .map((file) => resolve(file));
const files = chosen.length > 0 ? chosen : found;
for (const file of files) await access(file);
if (files.length === 0) {
  console.error('no test files');
  process.exit(1);
}

/** One seed for all properties of a run: fixed, so that a red main says something of the commit; `random` looks for what is new. */
const wished = process.env['PLUMBLINE_SEED'] ?? (process.argv[2] === 'fast' ? '20261121' : undefined);
if (wished !== undefined) {
  process.env['PLUMBLINE_SEED'] = wished === 'random' ? String(Date.now() % 2_147_483_647) : wished;
  console.log(`PLUMBLINE_SEED=${process.env['PLUMBLINE_SEED']}`);
}

const counts = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];
const stream = run({
  files,
  concurrency: tier.concurrency,
  timeout: tier.timeoutMinutes * 60_000,
  execArgv: ['--import', new URL('../test/support/propertySeed.ts', import.meta.url).href],
});
stream.on('test:pass', (event) => {
  // A skipped suite says nothing of its tests: it counts as one.
  if (event.details.type === 'suite' && (event.skip === undefined || event.skip === false)) return;
  if (event.skip === undefined || event.skip === false) counts.passed++;
  else counts.skipped++;
});
stream.on('test:fail', (event) => {
  if (event.details.type === 'suite') return;
  counts.failed++;
  failures.push(`${event.file ?? ''}: ${event.name}`);
});
stream.on('test:summary', (summary) => {
  // A file that ends before its tests do fails here, although none of its tests did.
  if (summary.file === undefined && !summary.success && counts.failed === 0) counts.failed++;
});
const output = stream.compose(spec);
output.pipe(process.stdout);
output.on('end', () => {
  for (const failure of failures) console.log(`failed: ${failure}`);
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  process.exitCode = counts.failed === 0 && counts.passed + counts.skipped > 0 ? 0 : 1;
});
