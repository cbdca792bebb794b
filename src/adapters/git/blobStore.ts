import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PrivateFolder, makePrivateFolder } from '../files/privateFolder.ts';
import type { GitCommand } from './gitCommand.ts';

/** Of blobs read at once; keeps memory bounded whatever the repository's size. */
const batchBytes = 32 * 1024 * 1024;

interface Blob {
  id: string;
  size: number;
}

/**
 * Raw blobs on disk by id, so that the trees of many commits share what did not change between them. Blobs are read by
 * `cat-file --batch`, which runs no smudge filter (design §3.1).
 */
export class BlobStore {
  readonly #git: GitCommand;
  readonly #present = new Set<string>();
  #folder: Promise<PrivateFolder> | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(git: GitCommand) {
    this.#git = git;
  }

  /** Makes sure that all blobs are there; returns a function from id to absolute path. Throws GitError. */
  async fetch(blobs: readonly Blob[], signal?: AbortSignal): Promise<(id: string) => string> {
    // One after another: two trees that need the same blob must not both write it.
    const turn = this.#queue.then(() => this.#fetch(blobs, signal));
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async #fetch(blobs: readonly Blob[], signal?: AbortSignal): Promise<(id: string) => string> {
    signal?.throwIfAborted();
    const folder = await this.#open();
    const missing = new Map<string, Blob>();
    for (const blob of blobs) if (!this.#present.has(blob.id)) missing.set(blob.id, blob);
    for (const batch of batches([...missing.values()])) await this.#read(batch, folder.path, signal);
    return (id) => join(folder.path, id);
  }

  /** Removes everything. The store can be used again. */
  async dispose(): Promise<void> {
    await this.#queue;
    const folder = this.#folder;
    this.#folder = undefined;
    this.#present.clear();
    await (await folder)?.remove();
  }

  async #open(): Promise<PrivateFolder> {
    this.#folder ??= makePrivateFolder('blobs');
    const folder = await this.#folder;
    try {
      await access(folder.path);
      return folder;
    } catch {
      // Somebody cleaned the temporary folder; start anew rather than fail for good.
      this.#present.clear();
      await mkdir(folder.path, { recursive: true, mode: 0o700 });
      return folder;
    }
  }

  async #read(batch: readonly Blob[], folder: string, signal?: AbortSignal): Promise<void> {
    const chunks: Uint8Array[] = [];
    await this.#git.run(['cat-file', '--batch'], {
      stdin: batch.map((blob) => `${blob.id}\n`).join(''),
      onOutput: (chunk) => chunks.push(chunk),
      timeoutMilliseconds: 300_000,
      signal,
    });
    const contents = parseBatch(Buffer.concat(chunks));
    await inTurns([...contents], 16, async ([id, content]) => {
      // Read-only, because trees link to it.
      await writeFile(join(folder, id), content, { mode: 0o400 });
      this.#present.add(id);
    });
  }
}

/** Reads the output of `git cat-file --batch`: `<id> <type> <size>`, the bytes, a line feed, for each object found. */
export function parseBatch(output: Buffer): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  let at = 0;
  while (at < output.length) {
    const lineEnd = output.indexOf(10, at);
    if (lineEnd === -1) break;
    const [id = '', type, size] = output.toString('latin1', at, lineEnd).split(' ');
    at = lineEnd + 1;
    // `<id> missing` has no content; a partial clone without its promisor says so.
    if (type === 'missing' || size === undefined) continue;
    const end = at + Number(size);
    found.set(id, output.subarray(at, end));
    at = end + 1;
  }
  return found;
}

function* batches(blobs: readonly Blob[]): Generator<Blob[]> {
  let batch: Blob[] = [];
  let bytes = 0;
  for (const blob of blobs) {
    if (batch.length > 0 && bytes + blob.size > batchBytes) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(blob);
    bytes += blob.size;
  }
  if (batch.length > 0) yield batch;
}

/** Runs a task for each item, at most `width` at a time. */
export async function inTurns<T>(items: readonly T[], width: number, task: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const lane = async (): Promise<void> => {
    for (const item of rest) await task(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
}
