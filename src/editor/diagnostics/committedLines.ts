import type { GitRepository } from '../../ports/gitRepository.ts';
import type { LineFinding } from '../views/model/diagnostics.ts';

/**
 * Leaves out what is pending on lines that are not committed: of what somebody is just typing they know that it is not applied
 * (design §4). Where Git cannot tell, the finding stays.
 */
export class CommittedLines {
  readonly #known = new Map<string, boolean>();

  /** Forget everything: files or HEAD have changed. */
  clear(): void {
    this.#known.clear();
  }

  async withoutUncommitted(
    findings: readonly LineFinding[],
    repositoryOf: (root: string) => GitRepository | undefined,
  ): Promise<LineFinding[]> {
    const open = findings.filter((finding) => finding.kind === 'pending' && !this.#known.has(idOf(finding)));
    const files = Map.groupBy(open, ({ root, location }) => `${root}\n${location.file}`);
    await Promise.all([...files.values()].map((ofFile) => this.#learn(ofFile, repositoryOf)));
    return findings.filter((finding) => finding.kind !== 'pending' || this.#known.get(idOf(finding)) !== false);
  }

  /** Asks Git once for all lines of one file. */
  async #learn(
    findings: readonly LineFinding[],
    repositoryOf: (root: string) => GitRepository | undefined,
  ): Promise<void> {
    const [first] = findings;
    if (first === undefined) return;
    const repository = repositoryOf(first.root);
    const { file } = first.location;
    if (repository === undefined) return;
    const lines = findings.flatMap(({ location }) => location.line ?? []);
    const blamed = await repository.blame(file, { lines }).catch(() => undefined);
    // A file that Git does not know has no blame at all; then nothing of it is committed.
    const isKnown = blamed !== undefined || (await isTracked(repository, file));
    for (const finding of findings) {
      const { line } = finding.location;
      if (line !== undefined) this.#known.set(idOf(finding), isKnown && blamed?.get(line)?.uncommitted !== true);
    }
  }
}

function idOf({ root, location }: LineFinding): string {
  return `${root}\n${location.file}\n${String(location.line)}`;
}

async function isTracked(repository: GitRepository, file: string): Promise<boolean> {
  const status = await repository.status().catch(() => undefined);
  return status?.files.find((entry) => entry.path === file)?.change !== 'untracked';
}
