import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import { startDelayProxy } from '../rig/cluster/delayProxy.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { copyToRepository } from '../support/workRepository.ts';
import { corporaReason, renderedBundles } from './corporaObjects.ts';
import { type DriftCase, type DriftPlace, compareDrift, driftCli, driftHeader } from './driftBench.ts';
import { generatedDocuments } from './generated.ts';
import { applyDocuments, writeManifests } from './load.ts';
import type { Row } from './measured.ts';
import { benchMemory, bundleHost } from './memoryBench.ts';

const root = join(import.meta.dirname, '..', '..');
/** Milliseconds of round trip that the proxy adds. */
const delayMs = 20;

export interface ClusterParts {
  drift: boolean;
  memory: boolean;
  /** Ascending; 131 is kube-prometheus, the others are generated. */
  sizes: readonly number[];
  /** Sizes that are measured through the proxy as well. */
  distant: readonly number[];
  runs: number;
}

/** What needs a real API server: one is started, filled with more and more objects, and ended. */
export async function benchCluster(parts: ClusterParts): Promise<Row[]> {
  const skip = await skipReason({ controllers: false });
  if (skip !== false) return [{ what: 'drift and memory', must: '', measured: `not: ${skip}` }];
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-bench-'));
  const plane = await startControlPlane({ controllers: false });
  try {
    if (parts.drift) console.log(driftHeader);
    let applied = 0;
    for (const size of parts.sizes) {
      const item =
        size === 131
          ? await kubePrometheus(folder, plane, parts)
          : await generated(folder, plane, size, applied, parts);
      if (size !== 131) applied = size;
      if (parts.drift && item !== undefined) await compareNearAndFar(item, plane, parts);
    }
    return parts.memory && applied > 0 ? await memory(folder, plane, applied) : [];
  } finally {
    await plane.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function compareNearAndFar(item: DriftCase, plane: ControlPlane, { distant }: ClusterParts): Promise<void> {
  const place: DriftPlace = {
    name: 'loopback',
    kubeconfig: plane.kubeconfig,
    environment: { ...process.env, PATH: `${join(plane.folder, 'bin')}:${process.env['PATH'] ?? ''}` },
    cli: driftCli(root),
    kubectl: join(plane.folder, 'bin', 'kubectl'),
  };
  console.log(await compareDrift(item, place));
  if (!distant.includes(item.objects)) return;
  const proxy = await startDelayProxy({ target: plane.server, delayMs });
  try {
    const kubeconfig = await plane.kubeconfigFor(proxy.url);
    const far = { ...place, name: `${delayMs} ms round trip`, kubeconfig };
    // Most of it is waiting, which varies little.
    console.log(await compareDrift({ ...item, kubectlRuns: 1 }, far));
  } finally {
    await proxy.stop();
  }
}

async function kubePrometheus(
  folder: string,
  plane: ControlPlane,
  { runs }: ClusterParts,
): Promise<DriftCase | undefined> {
  const reason = await corporaReason();
  if (reason !== undefined) {
    console.log(`kube-prometheus was not measured: ${reason}`);
    return undefined;
  }
  const place = join(folder, 'kube-prometheus');
  await mkdir(place);
  const file = join(place, 'all.yaml');
  await writeFile(file, (await renderedBundles('kube-prometheus')).join('---\n'));
  // Twice: what needs a CRD of the same file is refused the first time.
  await plane.tryKubectl(['apply', '--server-side', '-f', file]);
  await plane.kubectl(['apply', '--server-side', '-f', file]);
  return { name: 'kube-prometheus', objects: 131, folder: place, runs, kubectlRuns: runs, eight: true };
}

/** On top of what is applied already, so that the server holds these objects and no others of their kinds. */
async function generated(
  folder: string,
  plane: ControlPlane,
  size: number,
  applied: number,
  { runs }: ClusterParts,
): Promise<DriftCase> {
  const documents = generatedDocuments(size);
  const place = join(folder, `generated-${size}`);
  await writeManifests(place, documents);
  await applyDocuments(plane.kubeconfig, documents.slice(applied));
  const small = size <= 1_000;
  return { name: 'generated', objects: size, folder: place, runs, kubectlRuns: small ? runs : 1, eight: small };
}

async function memory(folder: string, plane: ControlPlane, size: number): Promise<Row[]> {
  const host = await bundleHost(folder);
  const repository = await copyToRepository(join(folder, `generated-${size}`), ['apps']);
  try {
    return await benchMemory(host, plane.kubeconfig, repository.folder);
  } finally {
    await repository.dispose();
  }
}
