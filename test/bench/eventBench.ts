import type { Json } from '../../src/core/json.ts';
import { nameOf, namespaceOf } from '../../src/core/kube/objectKey.ts';
import { nextSnapshot, openBenchSession } from './benchSession.ts';
import { generatedDocuments } from './generated.ts';
import { type Row, Samples } from './measured.ts';

const objects = 5_000;
const documentsPerFile = 50;
const events = 60;

/**
 * From a watch event to the report that tells of it. Of the time that a person waits this leaves out the way from the server, which is
 * not Plumbline's, and the parsing of one line of JSON.
 */
export async function benchEvent(): Promise<Row[]> {
  const documents = generatedDocuments(objects);
  const files: Record<string, string> = {};
  for (let start = 0; start < documents.length; start += documentsPerFile) {
    files[`apps/part-${start / documentsPerFile}.yaml`] = documents
      .slice(start, start + documentsPerFile)
      .join('---\n');
  }
  const bench = await openBenchSession(files);
  try {
    const { session, cluster } = bench;
    const kind = cluster.cluster.catalog.byResource('apps', 'v1', 'deployments');
    if (kind === undefined) throw new Error('no Deployments');
    const chosen = cluster.cluster.list(kind).objects;
    const times = new Samples();
    for (let round = 0; round < events; round++) {
      const target = chosen[(round * 37) % chosen.length];
      if (target === undefined) throw new Error('nothing to change');
      const [name, namespace] = [nameOf(target), namespaceOf(target)];
      const drifted = session.snapshot.report.summary.drifted + 1;
      const told = nextSnapshot(session, ({ report }) => report.summary.drifted === drifted);
      const patch: Json = { spec: { replicas: round + 1 } };
      const done = times.start();
      // The watch tells of it before this returns.
      cluster.cluster.patch(kind, namespace, name, patch, {
        type: 'merge',
        fieldManager: 'kubectl-edit',
      });
      await told;
      done();
    }
    const { objects: compared } = session.snapshot.report.summary;
    return [{ what: `one live event → report, ${compared} objects`, must: 'p95 ≤ 50 ms', measured: times.toString() }];
  } finally {
    await bench.dispose();
  }
}
