import { LineCounter, type Node, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml';
import { type Json, type JsonObject, isJsonObject, stringAt } from '../../core/json.ts';
import type { Problem } from '../../core/problem.ts';

/** A named entry of `contexts`, `clusters` or `users`, and where it stands. */
export interface KubeconfigEntry {
  name: string;
  file: string;
  line: number;
  /** What is below `context`, `cluster` or `user`. */
  value: JsonObject;
}

export interface KubeconfigFile {
  file: string;
  currentContext: string | undefined;
  contexts: KubeconfigEntry[];
  clusters: KubeconfigEntry[];
  users: KubeconfigEntry[];
  problems: Problem[];
}

/**
 * Reads one kubeconfig file. Never throws: an entry that makes no sense is a problem with its line and costs that entry; YAML
 * that cannot be read costs the file. No value of the file gets into a message, since any may be a credential.
 */
export function parseKubeconfig(text: string, file: string): KubeconfigFile {
  const parsed: KubeconfigFile = {
    file,
    currentContext: undefined,
    contexts: [],
    clusters: [],
    users: [],
    problems: [],
  };
  const lines = new LineCounter();
  const report = (line: number, what: string): void => {
    parsed.problems.push({
      code: 'invalid-kubeconfig',
      severity: 'error',
      message: `${file}:${line}: ${what}.`,
      remedy: 'Repair the file, or take it out of KUBECONFIG.',
      location: { file, line, via: 'manifest' },
    });
  };
  const lineOf = (node: unknown): number => {
    const range = (node as Node | null | undefined)?.range;
    return range ? lines.linePos(range[0]).line : 1;
  };

  // kubectl lets a repeated key pass, so this does too; and it reads the first document only.
  const documents = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: false, merge: true, strict: true });
  const document = 'empty' in documents ? undefined : documents[0];
  if (document === undefined) return parsed;
  const [error] = document.errors;
  if (error !== undefined) {
    report(error.linePos?.[0].line ?? 1, `this is not valid YAML (${error.code.toLowerCase().replaceAll('_', ' ')})`);
    return parsed;
  }
  let root: unknown;
  try {
    root = document.toJS({ maxAliasCount: 100 });
  } catch {
    report(1, 'aliases expand beyond all measure');
    return parsed;
  }
  if (root === null || root === undefined) return parsed;
  if (!isJsonObject(root) || !isMap(document.contents)) {
    report(1, 'this is not a kubeconfig: a mapping with contexts, clusters and users is expected');
    return parsed;
  }
  const current = stringAt(root, 'current-context');
  if (current !== undefined && current !== '') parsed.currentContext = current;

  for (const [list, key] of [
    ['contexts', 'context'],
    ['clusters', 'cluster'],
    ['users', 'user'],
  ] as const) {
    const node = document.contents.get(list, true);
    const items = Object.hasOwn(root, list) ? root[list] : undefined;
    if (items === undefined || items === null) continue;
    if (!Array.isArray(items)) {
      report(lineOf(node), `${list} is not a list`);
      continue;
    }
    items.forEach((item: Json, index) => {
      const line = lineOf(isSeq(node) ? node.items[index] : node);
      const name = isJsonObject(item) ? nameOfEntry(item) : undefined;
      if (!isJsonObject(item) || name === undefined) {
        report(line, `${list}[${index}] has no name`);
        return;
      }
      const value = Object.hasOwn(item, key) ? item[key] : undefined;
      // A user without a body is anonymous; a context or cluster without one is of no use.
      if (!isJsonObject(value) && !(key === 'user' && (value === null || value === undefined))) {
        report(line, `${list}[${index}] has no ${key}`);
        return;
      }
      parsed[list].push({ name, file, line, value: isJsonObject(value) ? value : {} });
    });
  }
  if (parsed.contexts.length + parsed.clusters.length + parsed.users.length === 0 && !isEmptyConfig(root)) {
    report(
      isScalar(document.contents) ? 1 : lineOf(document.contents),
      'this is not a kubeconfig: it has no contexts, clusters or users',
    );
  }
  return parsed;
}

/** Names may be written as numbers; they are the text of it. */
function nameOfEntry(item: JsonObject): string | undefined {
  const name = Object.hasOwn(item, 'name') ? item['name'] : undefined;
  if (typeof name === 'number') return String(name);
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** What `kubectl config` leaves when the last entry is deleted is no fault. */
function isEmptyConfig(root: JsonObject): boolean {
  return root['kind'] === 'Config' || Object.keys(root).length === 0;
}
