import { findingDiagnostics, lineFindings, problemDiagnostics } from '../../src/editor/views/model/diagnostics.ts';
import { nextSnapshot, openBenchSession } from './benchSession.ts';
import { deployment, generatedDocuments } from './generated.ts';
import { type Row, Samples } from './measured.ts';

const lines = 2_000;
const strokes = 60;
const file = 'apps/web.yaml';

/** From the text that an editor holds after a keystroke to the diagnostics of the new report, after the debounce. */
export async function benchKeystroke(): Promise<Row[]> {
  const namespaces = generatedDocuments(10);
  const documents = [...namespaces];
  while (documents.join('---\n').split('\n').length < lines) {
    documents.push(deployment(documents.length, `bench-${documents.length % namespaces.length}`));
  }
  const text = documents.join('---\n');
  const bench = await openBenchSession({ [file]: text });
  try {
    const { session, unsaved, repository } = bench;
    const times = new Samples();
    for (let stroke = 0; stroke < strokes; stroke++) {
      const wanted = stroke % 2 === 0 ? 1 : 0;
      const told = nextSnapshot(session, ({ report }) => report.summary.pending + report.summary.drifted === wanted);
      unsaved.set(file, wanted === 1 ? text.replace('replicas: 0', `replicas: ${stroke + 1}`) : text);
      const done = times.start();
      await session.filesChanged([file]);
      const snapshot = await told;
      const views = [{ root: repository.folder, context: session.context, snapshot, paused: false }];
      findingDiagnostics(lineFindings(views), () => 'warning', { t: (message) => message, now: new Date() });
      problemDiagnostics(views, 'warning');
      done();
    }
    const length = text.split('\n').length;
    const what = `keystroke → diagnostics, ${length} lines, ${documents.length} objects`;
    return [{ what, must: 'p95 ≤ 50 ms', measured: times.toString() }];
  } finally {
    await bench.dispose();
  }
}
