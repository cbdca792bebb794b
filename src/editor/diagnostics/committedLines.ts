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
    const kept = await Promise.all(
      findings.map(async (finding) => finding.kind !== 'pending' || (await this.#committed(finding, repositoryOf))),
    );
    return findings.filter((_, index) => kept[index]);
  }

  async #committed(finding: LineFinding, repositoryOf: (root: string) => GitRepository | undefined): Promise<boolean> {
    const repository = repositoryOf(finding.root);
    const { file, line } = finding.location;
    if (repository === undefined || line === undefined) return true;
    const id = `${finding.root}\n${file}\n${line}`;
    let committed = this.#known.get(id);
    if (committed === undefined) {
      const blame = await repository.blame(file, line).catch(() => undefined);
      // A file that Git does not know has no blame at all; then nothing of it is committed.
      committed = blame === undefined ? await isTracked(repository, file) : !blame.uncommitted;
      this.#known.set(id, committed);
    }
    return committed;
  }
}

async function isTracked(repository: GitRepository, file: string): Promise<boolean> {
  const status = await repository.status().catch(() => undefined);
  return status?.files.find((entry) => entry.path === file)?.change !== 'untracked';
}
