import { closeSync, ftruncateSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ObjectStore, StoreChange, StoreSnapshot } from '../core/cluster/objectStore.ts';
import type { Disposable } from '../core/emitter.ts';
import { type Json, field, isJsonObject, listAt, stringAt } from '../core/json.ts';
import { parseJson, printJson } from '../core/jsonText.ts';
import { type KubeObject, isKubeObject, nameOf, namespaceOf } from '../core/kube/objectKey.ts';

/** A journal longer than this is folded into the snapshot. */
const mostJournalBytes = 16 * 1024 * 1024;

const snapshotName = 'snapshot.json';
const journalName = 'journal.ndjson';

/**
 * Keeps a store on disk: a snapshot, and one line for each change since. A line is written before the change is answered, so nothing
 * that a client saw succeed is lost when the process dies; a last line that is torn was never answered and is dropped.
 * Files are for the user alone (mode 0600), since they hold Secrets.
 */
export class Journal implements Disposable {
  readonly #directory: string;
  readonly #store: ObjectStore;
  readonly #subscription: Disposable;
  #file: number;
  #bytes = 0;
  /** A line could not be written whole; the next change writes everything anew. */
  #broken = false;

  /** Loads what the directory holds into the store, and follows the store from there. Throws what the file system throws. */
  constructor(directory: string, store: ObjectStore, load: (snapshot: StoreSnapshot) => void) {
    this.#directory = directory;
    this.#store = store;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const restored = restore(directory);
    if (restored !== undefined) load(restored);
    this.#file = openSync(join(directory, journalName), 'a', 0o600);
    // What was read is written as a snapshot at once: a torn line is gone, and the journal begins empty.
    this.compact();
    this.#subscription = store.onChange((change) => this.#append(change));
  }

  /** Writes all objects as the new snapshot and empties the journal. A crash at any point leaves a state that can be loaded. */
  compact(): void {
    const target = join(this.#directory, snapshotName);
    const partial = `${target}.partial`;
    const file = openSync(partial, 'w', 0o600);
    try {
      writeWhole(file, `${printJson(snapshotJson(this.#store.snapshot()))}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, target);
    ftruncateSync(this.#file, 0);
    this.#bytes = 0;
    this.#broken = false;
  }

  dispose(): void {
    this.#subscription.dispose();
    closeSync(this.#file);
    this.#file = -1;
  }

  #append(change: StoreChange): void {
    if (this.#broken || this.#bytes > mostJournalBytes) {
      this.compact();
      return;
    }
    const line = `${printJson({ type: change.type, key: change.storageKey, rv: change.resourceVersion, object: change.object })}\n`;
    try {
      this.#bytes += writeWhole(this.#file, line);
    } catch (error) {
      this.#broken = true;
      throw error;
    }
  }
}

function writeWhole(file: number, text: string): number {
  const bytes = Buffer.from(text, 'utf8');
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
  return bytes.length;
}

function snapshotJson(snapshot: StoreSnapshot): Json {
  return {
    version: 1,
    resourceVersion: snapshot.resourceVersion,
    collections: snapshot.collections.map(([key, objects]) => ({ key, objects })),
  };
}

/** What a directory holds; undefined where it holds nothing yet. */
function restore(directory: string): StoreSnapshot | undefined {
  const snapshotText = readText(join(directory, snapshotName));
  const journalText = readText(join(directory, journalName));
  if (snapshotText === undefined && journalText === undefined) return undefined;
  const snapshot = snapshotText === undefined ? undefined : parseJson(snapshotText);
  const collections = new Map<string, Map<string, KubeObject>>();
  for (const collection of listAt(snapshot, 'collections')) {
    const objects = listAt(collection, 'objects').filter(isKubeObject);
    collections.set(stringAt(collection, 'key') ?? '', new Map(objects.map((object) => [keyOf(object), object])));
  }
  const start = field(snapshot, 'resourceVersion');
  let resourceVersion = typeof start === 'number' ? start : 1;
  for (const line of (journalText ?? '').split('\n')) {
    const entry = readLine(line);
    if (entry === undefined || entry.resourceVersion <= resourceVersion) continue;
    const objects = collections.get(entry.key) ?? new Map<string, KubeObject>();
    collections.set(entry.key, objects);
    if (entry.type === 'DELETED') objects.delete(keyOf(entry.object));
    else objects.set(keyOf(entry.object), entry.object);
    resourceVersion = entry.resourceVersion;
  }
  return { resourceVersion, collections: [...collections].map(([key, objects]) => [key, [...objects.values()]]) };
}

interface JournalLine {
  type: string;
  key: string;
  resourceVersion: number;
  object: KubeObject;
}

function readLine(line: string): JournalLine | undefined {
  if (line === '') return undefined;
  let entry: Json;
  try {
    entry = parseJson(line);
  } catch {
    return undefined;
  }
  const object = isJsonObject(entry) ? entry['object'] : undefined;
  const resourceVersion = field(entry, 'rv');
  if (!isKubeObject(object) || typeof resourceVersion !== 'number') return undefined;
  return { type: stringAt(entry, 'type') ?? '', key: stringAt(entry, 'key') ?? '', resourceVersion, object };
}

function keyOf(object: KubeObject): string {
  return `${namespaceOf(object)}/${nameOf(object)}`;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
