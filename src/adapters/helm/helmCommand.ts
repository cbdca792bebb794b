import { placeholderRelease } from '../../core/delivery/helm/placeholderRelease.ts';
import { printJson } from '../../core/jsonText.ts';
import type { CommandSpec } from '../../ports/processRunner.ts';
import type { HelmOptions } from '../../ports/renderer.ts';
import { type TemplatedObject, templatedObjects } from './templatedObjects.ts';

export interface TemplateOptions {
  program: string;
  /** Absolute path of the folder to run in; the tree's root. */
  directory: string;
  /** Folder of the chart, from there. */
  chart: string;
  namespace: string | undefined;
  helm: HelmOptions;
  timeoutMilliseconds?: number | undefined;
}

/** One run of `helm template` as data. Values go through standard input, where no other user of the machine sees them. */
export function templateCommand(options: TemplateOptions): CommandSpec<TemplatedObject[]> {
  const { helm } = options;
  const args = ['template', helm.releaseName ?? placeholderRelease, `./${options.chart}`];
  if (options.namespace !== undefined) args.push('--namespace', options.namespace);
  for (const file of helm.valuesFiles ?? []) args.push('--values', `./${file}`);
  if (helm.values !== undefined) args.push('--values', '-');
  if (helm.kubeVersion !== undefined) args.push('--kube-version', helm.kubeVersion);
  for (const version of helm.apiVersions ?? []) args.push('--api-versions', version);
  if (helm.isUpgrade === true) args.push('--is-upgrade');
  if (helm.includeCrds === true) args.push('--include-crds');
  if (helm.skipTests === true) args.push('--skip-tests');
  return {
    command: options.program,
    args,
    cwd: options.directory,
    parse: templatedObjects,
    ...(helm.values === undefined ? {} : { stdin: printJson(helm.values) }),
    ...(options.timeoutMilliseconds === undefined ? {} : { timeoutMilliseconds: options.timeoutMilliseconds }),
  };
}
