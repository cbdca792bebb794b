import type { KubeObject } from '../../core/kube/objectKey.ts';
import type { CommandSpec, ProcessRunner } from '../../ports/processRunner.ts';
import { builtObjects } from './builtObjects.ts';
import type { KustomizeProgram } from './kustomizeProgram.ts';

interface BuildOptions {
  /** Absolute path of the folder to run in; the tree's root. */
  directory: string;
  /** From that folder. */
  path: string;
  unrestricted: boolean;
  allowRemote: boolean;
  timeoutMilliseconds?: number | undefined;
}

// Nothing listens there. The scan has refused what is remote; this holds for what it may not know of.
const nowhere = 'http://127.0.0.1:9';
const offline = {
  HTTP_PROXY: nowhere,
  HTTPS_PROXY: nowhere,
  http_proxy: nowhere,
  https_proxy: nowhere,
  NO_PROXY: '',
  no_proxy: '',
  GIT_ALLOW_PROTOCOL: 'none',
};

/** One build as data: the program, its arguments, and how its output is read. */
export function buildCommand(program: KustomizeProgram, options: BuildOptions): CommandSpec<KubeObject[]> {
  const restrictions = options.unrestricted ? ['--load-restrictor=LoadRestrictionsNone'] : [];
  return {
    command: program.command,
    // With `./` in front, no folder's name is taken for an option.
    args: [...program.build, ...restrictions, `./${options.path}`],
    cwd: options.directory,
    env: options.allowRemote ? {} : offline,
    parse: builtObjects,
    ...(options.timeoutMilliseconds === undefined ? {} : { timeoutMilliseconds: options.timeoutMilliseconds }),
  };
}

/** Builds objects of a kustomization. */
export type Build = (options: BuildOptions, signal?: AbortSignal) => Promise<KubeObject[]>;

export function buildWith(runner: ProcessRunner, program: KustomizeProgram): Build {
  return (options, signal) => runner.run(buildCommand(program, options), signal);
}
