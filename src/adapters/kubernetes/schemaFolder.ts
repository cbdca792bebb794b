import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Groups whose schemas everybody has: Kubernetes' own. A CRD's may tell what its owner does, so it stays in memory. */
const publicGroup = /^(v1|(apps|batch|autoscaling|policy|[a-z0-9.]+\.k8s\.io)\/[a-z0-9]+)$/;

/** A folder of schema documents. Losing it costs time only, so whatever is wrong with it is as if it were empty. */
export class SchemaFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(server: string, groupVersion: string, path: string): Promise<string | undefined> {
    if (!keeps(groupVersion, path)) return undefined;
    try {
      const text = await readFile(this.#file(server, path), 'utf8');
      // A disk that was full left a part only.
      return text.trimEnd().endsWith('}') ? text : undefined;
    } catch {
      return undefined;
    }
  }

  async write(server: string, groupVersion: string, path: string, text: string): Promise<void> {
    if (!keeps(groupVersion, path)) return;
    const file = this.#file(server, path);
    const draft = `${file}.${randomUUID()}`;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeFile(draft, text, { mode: 0o600 });
      await rename(draft, file);
    } catch {
      await rm(draft, { force: true }).catch(() => {});
    }
  }

  /** The server is part of the name, so that no cluster can plant a schema for another. */
  #file(server: string, path: string): string {
    return join(this.#folder, `${createHash('sha256').update(`${server}\n${path}`).digest('hex')}.json`);
  }
}

/** Without a hash in its address a document could change unnoticed. */
function keeps(groupVersion: string, path: string): boolean {
  return publicGroup.test(groupVersion) && /[?&]hash=\w/.test(path);
}
