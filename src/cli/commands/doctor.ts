import type { Cluster, ClusterProvider } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { ProcessRunner } from '../../ports/processRunner.ts';
import type { Style } from '../output/style.ts';

/** One thing that was looked at. */
export interface Check {
  name: string;
  state: 'ok' | 'missing' | 'failed';
  detail: string;
  remedy?: string;
}

export interface DoctorReport {
  kind: 'Doctor';
  version: 1;
  checks: Check[];
}

const renderers = ['kustomize', 'kubectl', 'helm'] as const;

/** Looks at what is installed, reachable and allowed. Contacts the chosen contexts only. */
export async function examine(
  runner: ProcessRunner,
  clusters: ClusterProvider,
  chosen: readonly string[],
  signal?: AbortSignal,
): Promise<DoctorReport> {
  const checks: Check[] = [{ name: 'node', state: 'ok', detail: process.version }];
  checks.push(await program(runner, 'git', 'Install Git and make sure that it is on PATH.', signal));
  for (const name of renderers) {
    checks.push(await program(runner, name, `Install ${name}, if sources of yours need it.`, signal));
  }
  const { contexts, problems, files } = await clusters.contexts();
  checks.push({
    name: 'kubeconfig',
    state: problems.some((problem) => problem.severity === 'error') ? 'failed' : 'ok',
    detail: `${files.join(', ')}: ${contexts.map((context) => context.name).join(', ') || 'no context'}`,
    ...(problems[0] === undefined ? {} : { remedy: `${problems[0].message} ${problems[0].remedy ?? ''}`.trim() }),
  });
  for (const context of chosen) checks.push(...(await cluster(clusters, context, signal)));
  return { kind: 'Doctor', version: 1, checks };
}

async function program(runner: ProcessRunner, name: string, remedy: string, signal?: AbortSignal): Promise<Check> {
  const path = await runner.find(name);
  if (path === undefined) return { name, state: 'missing', detail: 'not on PATH', remedy };
  const args = name === 'git' ? ['--version'] : name === 'kubectl' ? ['version', '--client'] : ['version'];
  try {
    const version = await runner.run({ command: path, args, timeoutMilliseconds: 10_000, parse: firstLine }, signal);
    return { name, state: 'ok', detail: `${version} (${path})` };
  } catch (error) {
    signal?.throwIfAborted();
    return {
      name,
      state: 'failed',
      detail: `${path}: ${error instanceof Error ? error.message : String(error)}`,
      remedy,
    };
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}

async function cluster(clusters: ClusterProvider, context: string, signal?: AbortSignal): Promise<Check[]> {
  const name = `context ${context}`;
  let connected: Cluster;
  try {
    connected = await clusters.connect(context);
    const version = await connected.version(signal);
    const discovery = await connected.discover(signal === undefined ? {} : { signal });
    const reachable: Check = {
      name,
      state: 'ok',
      detail: `${connected.server}, Kubernetes ${version.gitVersion}, ${discovery.resources.length} kinds`,
    };
    const silent = discovery.problems.map((problem): Check => ({
      name,
      state: 'failed',
      detail: problem.message,
      ...(problem.remedy === undefined ? {} : { remedy: problem.remedy }),
    }));
    return [reachable, ...silent, await rights(connected, signal)];
  } catch (error) {
    if (!ClusterError.is(error)) throw error;
    return [
      { name, state: 'failed', detail: error.message, ...(error.remedy === undefined ? {} : { remedy: error.remedy }) },
    ];
  }
}

/** A dry run is a write, so whoever may not patch gets simulated previews (semantics K-3). */
async function rights(cluster: Cluster, signal?: AbortSignal): Promise<Check> {
  const deployments = { group: 'apps', resource: 'deployments', ...namespaceOf(cluster) };
  const [read, write] = await Promise.all([
    cluster.mayI({ verb: 'list', ...deployments }, signal),
    cluster.mayI({ verb: 'patch', ...deployments }, signal),
  ]);
  const where = cluster.namespace === undefined ? 'in all namespaces' : `in ${cluster.namespace}`;
  return {
    name: `context ${cluster.context}, rights`,
    state: read ? 'ok' : 'failed',
    detail: `list Deployments ${where}: ${read ? 'yes' : 'no'}; change them: ${write ? 'yes' : 'no'}`,
    ...(read ? {} : { remedy: 'Ask for a role that may get, list and watch what you deploy.' }),
  };
}

function namespaceOf(cluster: Cluster): { namespace?: string } {
  return cluster.namespace === undefined ? {} : { namespace: cluster.namespace };
}

const symbols = { ok: '✓', missing: '○', failed: '✖' } as const;

export function printDoctor(report: DoctorReport, style: Style): string {
  const width = Math.max(...report.checks.map((check) => check.name.length));
  const lines = report.checks.flatMap((check) => {
    const paint = check.state === 'ok' ? style.good : check.state === 'missing' ? style.dim : style.error;
    const line = `${paint(symbols[check.state])} ${check.name.padEnd(width)}  ${check.detail}`;
    return check.remedy === undefined ? [line] : [line, `  ${' '.repeat(width)}  ${style.dim(check.remedy)}`];
  });
  return `${lines.join('\n')}\n`;
}
