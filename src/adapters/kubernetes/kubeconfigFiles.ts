import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import { type Kubeconfig, mergeKubeconfigs } from './kubeconfig.ts';
import { inClusterKubeconfig } from './inCluster.ts';
import { parseKubeconfig, type KubeconfigFile } from './parseKubeconfig.ts';

/** Where to look for kubeconfig files. */
export interface KubeconfigPlace {
  /** `--kubeconfig` or the setting; then nothing else counts. A leading `~/` is the home folder. */
  explicit?: string;
  environment: NodeJS.ProcessEnv;
  /** Default: the user's home folder. */
  home?: string;
  /** What relative paths of KUBECONFIG start from. Default: the working directory. */
  workingDirectory?: string;
}

/** Far beyond any kubeconfig (500 clusters with certificates are 3 MB), and small enough to parse without harm. */
const maxBytes = 16 * 1024 * 1024;

/** Absolute paths in the order in which they count, as kubectl finds them, whether they exist or not. */
export function kubeconfigPaths(place: KubeconfigPlace): string[] {
  const home = place.home ?? homedir();
  const from = place.workingDirectory ?? process.cwd();
  const explicit = place.explicit?.trim();
  if (explicit !== undefined && explicit !== '') {
    return [/^~[/\\]/.test(explicit) ? join(home, explicit.slice(2)) : resolve(from, explicit)];
  }
  const named = (place.environment['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  if (named.length > 0) return [...new Set(named.map((path) => (isAbsolute(path) ? path : resolve(from, path))))];
  return [join(home, '.kube', 'config')];
}

/**
 * Reads and merges the files as kubectl does. Nothing is contacted and no program runs. What is wrong with a file is a problem
 * and costs that file only; a file of several that does not exist is passed over, as kubectl does.
 */
export async function readKubeconfig(place: KubeconfigPlace): Promise<Kubeconfig> {
  const paths = kubeconfigPaths(place);
  const read = await Promise.all(paths.map((path) => readOne(path)));
  const files = read.filter((file) => file !== undefined);
  const merged = mergeKubeconfigs(paths, files);
  if (files.length > 0) return merged;
  const inCluster = place.explicit === undefined ? await inClusterKubeconfig(place.environment) : undefined;
  return inCluster ?? { ...merged, problems: [noKubeconfig(paths, place)] };
}

async function readOne(path: string): Promise<KubeconfigFile | undefined> {
  let bytes: Uint8Array;
  try {
    const found = await stat(path);
    if (found.isDirectory()) return broken(path, 'is a folder, not a kubeconfig file');
    if (found.size > maxBytes) return broken(path, `is larger than ${maxBytes / 1024 / 1024} MiB`);
    bytes = await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    return broken(path, `could not be read (${code ?? 'unknown error'})`);
  }
  // PowerShell's redirection writes UTF-16, which looks right in every editor.
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return broken(path, 'is UTF-16', 'Save it as UTF-8.');
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return broken(path, 'is not UTF-8 text', 'Save it as UTF-8.');
  }
  return parseKubeconfig(text, path);
}

function broken(file: string, what: string, remedy = 'Repair the file, or take it out of KUBECONFIG.'): KubeconfigFile {
  const problem: Problem = {
    code: 'invalid-kubeconfig',
    severity: 'error',
    message: `The kubeconfig ${file} ${what}.`,
    remedy,
    location: { file, via: 'manifest' },
  };
  return { file, currentContext: undefined, contexts: [], clusters: [], users: [], problems: [problem] };
}

function noKubeconfig(paths: readonly string[], place: KubeconfigPlace): Problem {
  const named = place.explicit !== undefined || (place.environment['KUBECONFIG'] ?? '') !== '';
  return {
    code: 'no-kubeconfig',
    severity: 'error',
    message: named
      ? `No kubeconfig was found: ${paths.join(', ')} does not exist.`
      : 'No kubeconfig was found (KUBECONFIG, ~/.kube/config).',
    remedy: 'Log in to a cluster, name the file with --kubeconfig or KUBECONFIG, or start the sandbox cluster.',
  };
}
