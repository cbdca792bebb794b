import { parseAllDocuments } from 'yaml';
import { printJson } from '../../src/core/jsonText.ts';
import { ManifestPositions } from '../../src/core/manifest/locate.ts';
import { readManifests } from '../../src/core/manifest/readManifests.ts';
import { corporaReason, renderedBundles } from './corporaObjects.ts';
import { type Row, median } from './measured.ts';

const runs = 11;

/**
 * Rendered YAML to objects in megabytes a second, ours beside the libraries'. The first run is that of a cold process; the processor time
 * of the thread leaves other work on the machine out.
 */
export async function benchYaml(): Promise<Row[]> {
  const reason = await corporaReason();
  if (reason !== undefined)
    return [{ what: 'rendered YAML to objects', must: '≥ 20 MB/s', measured: `not: ${reason}` }];
  const yaml = (await renderedBundles('kube-prometheus')).join('---\n');
  const size = `${(yaml.length / 1e6).toFixed(2)} MB of rendered YAML`;
  const rows = [
    measure(`${size} to objects`, '≥ 20 MB/s', yaml.length, () => readManifests(yaml, { profile: 'raw' })),
    measure('… by the rules of kustomize', '≥ 20 MB/s', yaml.length, () =>
      readManifests(yaml, { profile: 'kustomize' }),
    ),
  ];
  const objects = readManifests(yaml, { profile: 'raw' }).documents.map(({ object }) => object);
  const json = printJson({ apiVersion: 'v1', kind: 'List', items: objects }, 2);
  rows.push(measure('… as a JSON List', '', json.length, () => readManifests(json, { profile: 'raw' })));
  rows.push(
    measure('… by `yaml`', '', yaml.length, () => {
      const documents = parseAllDocuments(yaml, { uniqueKeys: false, logLevel: 'silent' });
      return Array.isArray(documents) ? documents.map((document) => document.toJS() as unknown) : [];
    }),
  );
  const jsYaml = await loadJsYaml();
  if (jsYaml !== undefined) rows.push(measure('… by js-yaml', '', yaml.length, () => jsYaml(yaml)));
  rows.push(
    measure('one place in each document', '', yaml.length, () => {
      const positions = new ManifestPositions(yaml, 'raw');
      return objects.map((_, index) => positions.locate(index, [{ field: 'metadata' }, { field: 'name' }]));
    }),
  );
  return rows;
}

function measure(what: string, must: string, bytes: number, read: () => unknown): Row {
  const wall: number[] = [];
  const thread: number[] = [];
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    const before = process.threadCpuUsage();
    read();
    const spent = process.threadCpuUsage(before);
    wall.push(bytes / 1000 / (performance.now() - started));
    thread.push(bytes / (spent.user + spent.system));
  }
  const first = wall[0]?.toFixed(1) ?? '';
  const measured = `${median(wall).toFixed(1)} MB/s, first ${first}; by processor time ${median(thread).toFixed(1)} MB/s`;
  return { what, must, measured };
}

/** It comes with other tools of the workspace or not at all: nothing of Plumbline needs it. */
async function loadJsYaml(): Promise<((text: string) => unknown) | undefined> {
  const name = 'js-yaml';
  try {
    const { loadAll } = (await import(name)) as { loadAll?: unknown };
    return typeof loadAll === 'function' ? (text): unknown => (loadAll as (text: string) => unknown)(text) : undefined;
  } catch {
    return undefined;
  }
}
