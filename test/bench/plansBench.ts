import { openRepository } from '../../src/adapters/git/localRepository.ts';
import type { GitRepository } from '../../src/ports/gitRepository.ts';
import { CommitPlans, type PlanSource } from '../../src/services/commits/commitPlans.ts';
import { type BenchSession, makeRenderers, openBenchSession } from './benchSession.ts';
import { generatedDocuments } from './generated.ts';
import type { Row } from './measured.ts';

const commits = 100;
const objects = 100;

/**
 * One plan for each of 100 commits of one application, a folder of manifests: nothing of the time is a renderer's program, all of Git's
 * is in it. The plans are those of the Commits view.
 */
export async function benchPlans(): Promise<Row[]> {
  const documents = generatedDocuments(objects);
  const fileOf = (index: number): string => `apps/object-${index}.yaml`;
  const bench = await openBenchSession(
    Object.fromEntries(documents.map((document, index) => [fileOf(index), document])),
  );
  const opened = await openRepository(bench.repository.folder, makeRenderers().runner);
  try {
    const ids: string[] = [];
    for (let commit = 1; commit <= commits; commit++) {
      const index = 10 + (commit % (objects - 10));
      const changed = documents[index]?.replace(/^metadata:$/m, `metadata:\n  annotations:\n    commit: "${commit}"`);
      ids.push(await bench.repository.commit({ [fileOf(index)]: changed ?? '' }));
    }
    const sources = ids.map((id) => sourceOf(id, opened));
    const plans = new CommitPlans(opened, { now: () => new Date() });
    const first = await planAll(plans, 'first', sources, bench);
    const again = await planAll(plans, 'first', sources, bench);
    const later = await planAll(plans, 'later', sources, bench);
    const what = `plans of ${commits} commits, ${objects} objects each (${first.configured} found one to configure)`;
    return [
      { what, must: '≤ 5 s', measured: `${first.seconds.toFixed(2)} s` },
      { what: 'again in the same process', must: '≤ 1 s', measured: `${again.seconds.toFixed(3)} s` },
      { what: 'again, after the cluster changed', must: '', measured: `${later.seconds.toFixed(2)} s` },
    ];
  } finally {
    await opened.dispose();
    await bench.dispose();
  }
}

function sourceOf(id: string, repository: GitRepository): PlanSource {
  return { revision: id, fingerprint: id, tree: (signal) => repository.tree(id, { signal }) };
}

async function planAll(
  plans: CommitPlans,
  base: string,
  sources: readonly PlanSource[],
  { session }: BenchSession,
): Promise<{ seconds: number; configured: number }> {
  const [application] = session.snapshot.report.applications;
  const known = session.known(application?.id ?? '');
  if (known === undefined) throw new Error('The session knows no application.');
  const settings = { renderers: makeRenderers().renderers, skipKinds: new Set<string>() };
  const { signal } = new AbortController();
  const started = performance.now();
  let configured = 0;
  for (let end = 1; end <= sources.length; end++) {
    const { report } = await plans.compute(base, sources.slice(0, end), known, settings, signal);
    if (report.summary.configure === 1) configured++;
  }
  return { seconds: (performance.now() - started) / 1000, configured };
}
