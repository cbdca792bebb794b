import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { extractTools } from '../../scripts/tools.ts';
import { printJson } from '../../src/core/jsonText.ts';
import { ManifestPositions } from '../../src/core/manifest/locate.ts';
import { readManifests } from '../../src/core/manifest/readManifests.ts';
import { runCommand } from '../rig/cluster/command.ts';
import { corporaSkipReason, corpus } from '../support/corpora.ts';
import { cloneBundle } from '../support/workRepository.ts';

/**
 * `node test/bench/yaml.ts`: rendered YAML to objects, ours against the `yaml` library, in megabytes a second. Needs PLUMBLINE_CORPORA
 * for kube-prometheus, which kubectl renders. The first run is that of a cold process; the processor time of the thread leaves
 * other work on the machine out.
 */
const runs = Number(process.env['PLUMBLINE_BENCH_RUNS'] ?? '9');

function measure(what: string, bytes: number, read: () => number): void {
  const wall: number[] = [];
  const thread: number[] = [];
  let documents = 0;
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    const before = process.threadCpuUsage();
    documents = read();
    const spent = process.threadCpuUsage(before);
    wall.push(bytes / 1000 / (performance.now() - started));
    thread.push(bytes / (spent.user + spent.system));
  }
  const median = (speeds: number[]): string => (speeds.toSorted((a, b) => a - b)[speeds.length >> 1] ?? 0).toFixed(1);
  console.log(`| ${what} | ${documents} | ${wall[0]?.toFixed(1) ?? ''} | ${median(wall)} | ${median(thread)} |`);
}

async function rendered(tools: string): Promise<string> {
  const repository = await cloneBundle(corpus('kube-prometheus.bundle'));
  try {
    return await runCommand(join(tools, 'kubectl'), ['kustomize', repository.folder]);
  } finally {
    await repository.dispose();
  }
}

const tools = await extractTools();
const skip = corporaSkipReason('kube-prometheus.bundle') ?? (tools === undefined ? 'no kubectl' : undefined);
if (skip !== undefined || tools === undefined) {
  console.log(`nothing measured: ${skip ?? ''}`);
  process.exitCode = 1;
} else {
  const yaml = await rendered(tools);
  console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}, ${runs} runs; megabytes a second`);
  console.log(`kubectl kustomize of kube-prometheus: ${(yaml.length / 1e6).toFixed(2)} MB of YAML\n`);
  console.log(
    '| what | objects | first | median | median by processor time of the thread |\n|---|---:|---:|---:|---:|',
  );
  measure('readManifests, YAML, raw', yaml.length, () => readManifests(yaml, { profile: 'raw' }).documents.length);
  const objects = readManifests(yaml, { profile: 'raw' }).documents.map(({ object }) => object);
  const json = printJson({ apiVersion: 'v1', kind: 'List', items: objects }, 2);
  measure(
    'readManifests, YAML, kustomize',
    yaml.length,
    () => readManifests(yaml, { profile: 'kustomize' }).documents.length,
  );
  measure('readManifests, JSON List', json.length, () => readManifests(json, { profile: 'raw' }).documents.length);
  measure('yaml, parseAllDocuments and toJS', yaml.length, () => {
    const documents = parseAllDocuments(yaml, { uniqueKeys: false, logLevel: 'silent' });
    if (!Array.isArray(documents)) return 0;
    for (const document of documents) document.toJS();
    return documents.length;
  });
  measure('one place in each document', yaml.length, () => {
    const positions = new ManifestPositions(yaml, 'raw');
    const path = [{ field: 'metadata' }, { field: 'name' }];
    return objects.filter((_, index) => positions.locate(index, path) !== undefined).length;
  });
}
