import { spawn } from 'node:child_process';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractTools } from '../../scripts/tools.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import { runCommand } from '../rig/cluster/command.ts';
import { startDelayProxy } from '../rig/cluster/delayProxy.ts';
import { skipReason } from '../rig/cluster/requirements.ts';

/**
 * `npm run bench`: the whole process of `plumbline drift` against `kubectl diff --server-side`, on the same rendered manifests, the same
 * real API server and in the same run; figures go to docs/benchmarks.md by hand. Needs PLUMBLINE_CORPORA for kube-prometheus.
 */
const root = join(import.meta.dirname, '..', '..');
const runs = Number(process.env['PLUMBLINE_BENCH_RUNS'] ?? '5');

interface Measured {
  median: number;
  lowest: number;
  highest: number;
}

/** Milliseconds from start to end over several runs; the first is thrown away. */
async function measure(command: string, args: string[], env: NodeJS.ProcessEnv, cwd: string): Promise<Measured> {
  const times: number[] = [];
  for (let run = 0; run <= runs; run++) {
    const started = performance.now();
    await runOnce(command, args, env, cwd);
    if (run > 0) times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return { median: times[times.length >> 1] ?? 0, lowest: times[0] ?? 0, highest: times.at(-1) ?? 0 };
}

function runOnce(command: string, args: string[], env: NodeJS.ProcessEnv, cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      // 1 means differences for both; anything else is a run that measured nothing.
      if (code === 0 || code === 1) resolve();
      else reject(new Error(`${command} ended with ${code}: ${errors.slice(0, 500)}`));
    });
  });
}

interface Case {
  name: string;
  manifests: string;
  objects: number;
}

async function compare(item: Case, plane: ControlPlane, kubeconfig: string, where: string): Promise<void> {
  const env = { ...process.env, KUBECONFIG: kubeconfig, PATH: `${plane.folder}/bin:${process.env['PATH'] ?? ''}` };
  const file = join(item.manifests, 'all.yaml');
  const plumbline = await measure(
    process.execPath,
    [join(root, 'dist', 'cli.cjs'), 'drift', item.manifests, '--context', 'admin', '--fail-on', 'none'],
    env,
    item.manifests,
  );
  const diff = ['diff', '--server-side', '--context', 'admin', '-f', file];
  const one = await measure('kubectl', diff, env, item.manifests);
  const eight = await measure('kubectl', [...diff, '--concurrency=8'], env, item.manifests);
  const seconds = (measured: Measured): string => `${(measured.median / 1000).toFixed(2)} s`;
  const spread = `${(plumbline.lowest / 1000).toFixed(2)}–${(plumbline.highest / 1000).toFixed(2)}`;
  console.log(
    `| ${item.name} | ${item.objects} | ${where} | ${seconds(plumbline)} (${spread}) | ${seconds(one)} | ${seconds(eight)} | ${(one.median / plumbline.median).toFixed(1)}× | ${(eight.median / plumbline.median).toFixed(1)}× |`,
  );
}

/** So many ConfigMaps and Deployments over ten namespaces, as rendered manifests. */
function generated(count: number): string {
  const documents: string[] = [];
  for (let index = 0; index < 10; index++) {
    documents.push(`apiVersion: v1\nkind: Namespace\nmetadata:\n  name: bench-${index}\n`);
  }
  for (let index = 0; index < count - 10; index++) {
    const namespace = `bench-${index % 10}`;
    documents.push(
      index % 2 === 0
        ? `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings-${index}\n  namespace: ${namespace}\ndata:\n  level: info\n  index: "${index}"\n`
        : `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web-${index}\n  namespace: ${namespace}\nspec:\n  replicas: 0\n  selector:\n    matchLabels:\n      app: web-${index}\n  template:\n    metadata:\n      labels:\n        app: web-${index}\n    spec:\n      containers:\n        - name: web\n          image: example.com/web:1.0\n          resources:\n            requests:\n              cpu: 100m\n              memory: 128Mi\n`,
    );
  }
  return documents.join('---\n');
}

async function main(): Promise<void> {
  const skip = await skipReason({ controllers: false });
  if (skip !== false) {
    console.log(`nothing measured: ${skip}`);
    process.exitCode = 1;
    return;
  }
  const tools = await extractTools();
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-bench-'));
  const plane = await startControlPlane({ controllers: false });
  try {
    console.log(
      `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.version}, ${runs} runs, medians\n`,
    );
    console.log(
      '| what | objects | where | plumbline drift | kubectl diff | kubectl diff --concurrency=8 | ratio | ratio to 8 |',
    );
    console.log('|---|---:|---|---:|---:|---:|---:|---:|');
    const cases: Case[] = [];
    const corpora = process.env['PLUMBLINE_CORPORA'];
    if (corpora !== undefined && tools !== undefined) {
      await runCommand('git', ['clone', '--quiet', join(corpora, 'kube-prometheus.bundle'), join(folder, 'source')]);
      const rendered = await runCommand(join(tools, 'kubectl'), ['kustomize', join(folder, 'source')]);
      cases.push(await prepareCase('kube-prometheus', rendered, 131, folder, plane));
    }
    for (const count of [1000]) cases.push(await prepareCase('generated', generated(count), count, folder, plane));
    for (const item of cases) await compare(item, plane, plane.kubeconfig, 'loopback');
    const proxy = await startDelayProxy({ target: plane.server, delayMs: 20 });
    const distant = await plane.kubeconfigFor(proxy.url);
    for (const item of cases) await compare(item, plane, distant, '20 ms round trip');
    await proxy.stop();
  } finally {
    await plane.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function prepareCase(
  name: string,
  manifests: string,
  objects: number,
  folder: string,
  plane: ControlPlane,
): Promise<Case> {
  const directory = join(folder, `${name}-${objects}`);
  await mkdir(directory);
  const file = join(directory, 'all.yaml');
  await writeFile(file, manifests);
  // Twice: what needs a CRD of the same file is refused the first time.
  await plane.tryKubectl(['apply', '--server-side', '-f', file]);
  await plane.kubectl(['apply', '--server-side', '-f', file]);
  return { name, manifests: directory, objects };
}

await main();
