import type { CommandResult } from '../rig/cluster/command.ts';
import type { ControlPlane } from '../rig/cluster/controlPlane.ts';
import { runCli } from './cli.ts';

/** What one command of the CLI answered. */
export type Answer = CommandResult;

/** The command line in a folder, with the kubeconfig of a rig; `admin` is the context where a command needs one and none is given. */
export function cliOn(plane: ControlPlane, folder: string): (command: string, ...args: string[]) => Promise<Answer> {
  const environment = { ...process.env, ...plane.environment, HOME: plane.folder };
  return (command, ...args) => {
    const context = command === 'apps' || args.includes('--context') ? [] : ['--context', 'admin'];
    return runCli([command, folder, '--kubeconfig', plane.kubeconfig, ...context, ...args], {
      environment,
      cwd: folder,
    });
  };
}
