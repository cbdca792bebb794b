import { ProcessError, type ProcessRunner } from '../../ports/processRunner.ts';

/** The program that builds kustomizations. */
export interface KustomizeProgram {
  command: string;
  /** Arguments before the path. */
  build: readonly string[];
  /** As the program prints it; renders of different versions are kept apart. */
  version: string;
}

/**
 * Finds the program: the one that the user set, else `kustomize`, else `kubectl`, which carries it.
 * Throws ProcessError `not-found`.
 */
export async function findKustomize(runner: ProcessRunner, configured: string | undefined): Promise<KustomizeProgram> {
  const candidates = configured === undefined || configured === '' ? ['kustomize', 'kubectl'] : [configured];
  for (const command of candidates) {
    const path = await runner.find(command);
    if (path === undefined) continue;
    return carriesKustomize(path) ? asPlugin(runner, path) : standalone(runner, path);
  }
  throw new ProcessError('not-found', `${candidates.join(' or ')} was not found`, {
    remedy:
      'Install kustomize (https://kubectl.docs.kubernetes.io/installation/kustomize/) or kubectl, or set the path of the program.',
  });
}

/** `kubectl` and its relatives (`kubectl-1.35`, `oc`, `k3s-kubectl`) build with a command of their own. */
function carriesKustomize(path: string): boolean {
  const name = path.replace(/^.*[\\/]/, '').replace(/\.(exe|com)$/i, '');
  return !/kustomize/i.test(name) && /(^|[^a-z])(kubectl|oc)([^a-z]|$)/i.test(name);
}

async function standalone(runner: ProcessRunner, command: string): Promise<KustomizeProgram> {
  const version = await runner.run({ command, args: ['version'], parse: (text) => text.trim() });
  return { command, build: ['build'], version };
}

async function asPlugin(runner: ProcessRunner, command: string): Promise<KustomizeProgram> {
  const args = ['version', '--client', '--output=json'];
  const parse = (text: string): string => /"kustomizeVersion":\s*"([^"]+)"/.exec(text)?.[1] ?? text.trim();
  const version = await runner.run({ command, args, parse });
  return { command, build: ['kustomize'], version };
}
