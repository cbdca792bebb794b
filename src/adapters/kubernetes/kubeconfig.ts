import { dirname, isAbsolute, join } from 'node:path';
import { type JsonObject, field, isJsonObject, stringAt } from '../../core/json.ts';
import type { Problem } from '../../core/problem.ts';
import type { ContextSummary } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { KubeconfigEntry, KubeconfigFile } from './parseKubeconfig.ts';

/** The files of a kubeconfig as one; of entries with the same name the first counts, as kubectl has it. */
export interface Kubeconfig {
  /** Absolute paths that count, whether or not they exist. */
  files: string[];
  currentContext: string | undefined;
  contexts: ReadonlyMap<string, KubeconfigEntry>;
  clusters: ReadonlyMap<string, KubeconfigEntry>;
  users: ReadonlyMap<string, KubeconfigEntry>;
  problems: Problem[];
}

/** All that one context says, paths made absolute. */
export interface ContextConfig {
  context: string;
  namespace: string | undefined;
  server: string;
  clusterName: string;
  cluster: JsonObject;
  userName: string;
  /** Empty where the context names no user. */
  user: JsonObject;
  /** Folder of the file that declares the user; what a relative plugin path starts from. */
  userFolder: string;
}

export function mergeKubeconfigs(paths: readonly string[], files: readonly KubeconfigFile[]): Kubeconfig {
  const problems = files.flatMap((file) => file.problems);
  const merged = {
    files: [...paths],
    currentContext: files.find((file) => file.currentContext !== undefined)?.currentContext,
    contexts: firstOfEachName(files.flatMap((file) => file.contexts)),
    clusters: firstOfEachName(files.flatMap((file) => file.clusters)),
    users: firstOfEachName(files.flatMap((file) => file.users)),
    problems,
  };
  for (const context of merged.contexts.values()) problems.push(...danglingReferences(merged, context));
  return merged;
}

function firstOfEachName(entries: readonly KubeconfigEntry[]): Map<string, KubeconfigEntry> {
  const first = new Map<string, KubeconfigEntry>();
  for (const entry of entries) if (!first.has(entry.name)) first.set(entry.name, entry);
  return first;
}

function danglingReferences(kubeconfig: Kubeconfig, context: KubeconfigEntry): Problem[] {
  const missing = (
    [
      ['cluster', kubeconfig.clusters],
      ['user', kubeconfig.users],
    ] as const
  ).flatMap(([kind, entries]) => {
    const name = stringAt(context.value, kind) ?? '';
    // A context without a user is anonymous, which some sandboxes mean.
    return entries.has(name) || (kind === 'user' && name === '') ? [] : [`${kind} ${JSON.stringify(name)}`];
  });
  if (missing.length === 0) return [];
  return [
    {
      code: 'invalid-kubeconfig',
      severity: 'warning',
      message: `${context.file}:${context.line}: context ${context.name} names ${missing.join(' and ')}, which no kubeconfig file declares.`,
      remedy: 'Repair the context, or log in to the cluster again.',
      location: { file: context.file, line: context.line, via: 'manifest' },
      context: context.name,
    },
  ];
}

export function summarizeContexts(kubeconfig: Kubeconfig): ContextSummary[] {
  return [...kubeconfig.contexts.values()].map((context) => {
    const cluster = stringAt(context.value, 'cluster') ?? '';
    const namespace = stringAt(context.value, 'namespace');
    return {
      name: context.name,
      server: stringAt(kubeconfig.clusters.get(cluster)?.value, 'server') ?? '',
      cluster,
      user: stringAt(context.value, 'user') ?? '',
      ...(namespace === undefined || namespace === '' ? {} : { namespace }),
      current: context.name === kubeconfig.currentContext,
    };
  });
}

/** @throws {ClusterError} `unknown-context`, `no-kubeconfig` or `invalid-kubeconfig`. */
export function contextConfig(kubeconfig: Kubeconfig, name: string): ContextConfig {
  const context = kubeconfig.contexts.get(name);
  if (context === undefined) throw unknownContext(kubeconfig, name);
  const clusterName = stringAt(context.value, 'cluster') ?? '';
  const cluster = kubeconfig.clusters.get(clusterName);
  const server = stringAt(cluster?.value, 'server') ?? '';
  if (cluster === undefined || !/^https?:$/.test(protocolOf(server))) {
    const what =
      cluster === undefined ? `cluster ${JSON.stringify(clusterName)} is not declared` : 'its cluster has no URL';
    throw new ClusterError(
      'invalid-kubeconfig',
      `Context ${name} cannot be used: ${what} (${context.file}:${context.line}).`,
      {
        remedy: 'Repair the context, or log in to the cluster again.',
      },
    );
  }
  const userName = stringAt(context.value, 'user') ?? '';
  const user = kubeconfig.users.get(userName);
  const namespace = stringAt(context.value, 'namespace');
  return {
    context: name,
    namespace: namespace === '' ? undefined : namespace,
    server: server.replace(/\/+$/, ''),
    clusterName,
    cluster: withAbsolutePaths(cluster, ['certificate-authority']),
    userName,
    user:
      user === undefined
        ? {}
        : withAbsolutePaths(user, ['client-certificate', 'client-key', 'tokenFile', 'token-file']),
    userFolder: user === undefined ? '' : dirname(user.file),
  };
}

function unknownContext(kubeconfig: Kubeconfig, name: string): ClusterError {
  const none = kubeconfig.problems.find((problem) => problem.code === 'no-kubeconfig');
  if (none !== undefined) {
    return new ClusterError('no-kubeconfig', none.message, none.remedy === undefined ? {} : { remedy: none.remedy });
  }
  const known = [...kubeconfig.contexts.keys()];
  const shown = known.slice(0, 10).join(', ') + (known.length > 10 ? ', …' : '');
  return new ClusterError('unknown-context', `The kubeconfig has no context ${JSON.stringify(name)}.`, {
    remedy: known.length === 0 ? 'Log in to a cluster first.' : `Choose one of: ${shown}.`,
  });
}

/** The entry with paths relative to its file made absolute, as kubectl reads them. */
function withAbsolutePaths(entry: KubeconfigEntry, keys: readonly string[]): JsonObject {
  const value = { ...entry.value };
  for (const key of keys) {
    const path = field(value, key);
    if (typeof path === 'string' && path !== '' && !isAbsolute(path)) value[key] = join(dirname(entry.file), path);
  }
  const provider = field(value, 'auth-provider');
  const config = field(provider, 'config');
  const authority = field(config, 'idp-certificate-authority');
  if (
    isJsonObject(provider) &&
    isJsonObject(config) &&
    typeof authority === 'string' &&
    authority !== '' &&
    !isAbsolute(authority)
  ) {
    value['auth-provider'] = {
      ...provider,
      config: { ...config, 'idp-certificate-authority': join(dirname(entry.file), authority) },
    };
  }
  return value;
}

function protocolOf(url: string): string {
  try {
    return new URL(url).protocol;
  } catch {
    return '';
  }
}
