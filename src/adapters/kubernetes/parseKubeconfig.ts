import { type Json, type JsonObject, isJsonObject, stringAt } from '../../core/json.ts';
import type { Problem } from '../../core/problem.ts';
import { KubeconfigText } from './kubeconfigText.ts';

/** A named entry of `contexts`, `clusters` or `users`, and where it stands. */
export interface KubeconfigEntry {
  name: string;
  file: string;
  readonly line: number;
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
  const report = (line: number, what: string): void => {
    parsed.problems.push({
      code: 'invalid-kubeconfig',
      severity: 'error',
      message: `${file}:${line}: ${what}.`,
      remedy: 'Repair the file, or take it out of KUBECONFIG.',
      location: { file, line, via: 'manifest' },
    });
  };
  const source = new KubeconfigText(text);
  const read = source.read();
  if ('fault' in read) {
    report(read.line, read.fault);
    return parsed;
  }
  const { root } = read;
  if (root === null) return parsed;
  if (!isJsonObject(root)) {
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
    const items = Object.hasOwn(root, list) ? root[list] : undefined;
    if (items === undefined || items === null) continue;
    if (!Array.isArray(items)) {
      report(source.lineOf(list), `${list} is not a list`);
      continue;
    }
    items.forEach((item: Json, index) => {
      const name = isJsonObject(item) ? nameOfEntry(item) : undefined;
      if (!isJsonObject(item) || name === undefined) {
        report(source.lineOf(list, index), `${list}[${index}] has no name`);
        return;
      }
      const value = Object.hasOwn(item, key) ? item[key] : undefined;
      // A user without a body is anonymous; a context or cluster without one is of no use.
      if (!isJsonObject(value) && !(key === 'user' && (value === null || value === undefined))) {
        report(source.lineOf(list, index), `${list}[${index}] has no ${key}`);
        return;
      }
      parsed[list].push({
        ...{ name, file, value: isJsonObject(value) ? value : {} },
        get line() {
          return source.lineOf(list, index);
        },
      });
    });
  }
  if (parsed.contexts.length + parsed.clusters.length + parsed.users.length === 0 && !isEmptyConfig(root)) {
    report(source.lineOf(), 'this is not a kubeconfig: it has no contexts, clusters or users');
  }
  return parsed;
}

/** Names may be written as numbers; they are the text of it. */
function nameOfEntry(item: JsonObject): string | undefined {
  const name = Object.hasOwn(item, 'name') ? item['name'] : undefined;
  if (typeof name === 'number' || typeof name === 'bigint') return String(name);
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** What `kubectl config` leaves when the last entry is deleted is no fault. */
function isEmptyConfig(root: JsonObject): boolean {
  return root['kind'] === 'Config' || Object.keys(root).length === 0;
}
