import { mkdir, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { apiClient, type ApiClient } from './apiClient.ts';
import { startArgocd } from './argocd.ts';
import { startApiServer } from './apiServer.ts';
import { auditFlags, readAudit, type AuditEvent } from './audit.ts';
import { makeCertificates, type Certificates } from './certificates.ts';
import { CommandFailed, tryCommand, type CommandResult } from './command.ts';
import { startControllers } from './controllers.ts';
import { startFlux } from './flux.ts';
import { startGitServer, type GitServer } from './gitServer.ts';
import { startNodes } from './kwok.ts';
import { makeProcessSet, type ProcessSet } from './processSet.ts';
import { locate, MissingBinaries, type ClusterOptions } from './requirements.ts';
import { startSourceController } from './sourceController.ts';
import { grantRights, writeKubeconfig, type Tokens, type UserName } from './users.ts';

export interface KubectlOptions {
  /** Whose rights are used; `admin` by default. */
  readonly user?: UserName;
  /** Written to standard input, for `-f -`. */
  readonly input?: string;
}

/** A running Kubernetes control plane on 127.0.0.1. */
export interface ControlPlane {
  /** Private folder of the set; gone after `stop`. */
  readonly folder: string;
  /** `https://127.0.0.1:PORT` */
  readonly server: string;
  /** Path of a kubeconfig with contexts `admin` (current), `viewer`, `limited`. */
  readonly kubeconfig: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca: string;
  /** For servers of a test that the API server shall trust, such as admission webhooks on 127.0.0.1. */
  readonly certificates: Certificates;
  readonly tokens: Tokens;
  /** Environment with kubectl, helm and kustomize of the set on PATH, as its own processes have it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly api: ApiClient;
  /** There when the set was started with `gitServer`, `flux` or `argocd`. */
  readonly git: GitServer | undefined;
  /** Pids by process name. */
  readonly pids: ReadonlyMap<string, number>;
  /** Standard output of kubectl. @throws {CommandFailed} when its code is not 0. */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<string>;
  /** The same for commands that may fail. */
  tryKubectl(args: readonly string[], options?: KubectlOptions): Promise<CommandResult>;
  /** Another kubeconfig with the same users for another address of the API server, e.g. a delaying proxy's. */
  kubeconfigFor(server: string): Promise<string>;
  /** Ends kube-apiserver alone, etcd keeps the data. Open watches hold it back, so SIGKILL follows after `grace` ms (1000). */
  stopApiServer(options?: { grace?: number }): Promise<void>;
  startApiServer(): Promise<void>;
  restartApiServer(): Promise<void>;
  /** Every request to the API server so far; needs the option `audit`. */
  audit(): Promise<AuditEvent[]>;
  /** What a process wrote so far. */
  log(name: string): Promise<string>;
  /** Runs when the set is stopped, before its processes are ended; for servers inside this process. */
  onStop(task: () => Promise<void>): void;
  /** Ends all processes and removes the folder; may be called twice. */
  stop(): Promise<void>;
}

/** Puts the set's tools on the PATH of its processes under their own names. */
async function linkTools(folder: string, binaries: ReadonlyMap<string, string>): Promise<void> {
  for (const name of ['kubectl', 'helm', 'kustomize', 'git']) {
    const path = binaries.get(name);
    if (path !== undefined) await symlink(path, join(folder, 'bin', name));
  }
}

async function bringUp(
  processes: ProcessSet,
  binaries: ReadonlyMap<string, string>,
  { controllers = true, flux = false, argocd = false, gitServer = false, audit = false }: ClusterOptions,
  tasks: (() => Promise<void>)[],
): Promise<ControlPlane> {
  const { folder, environment, pids } = processes;
  await linkTools(folder, binaries);
  const certificates = await makeCertificates(folder);
  const { ca } = certificates;
  const apiServer = await startApiServer(processes, binaries, certificates, audit ? await auditFlags(folder) : []);
  const { url: server, tokens } = apiServer;
  const api = apiClient(server, ca, tokens.admin);

  const kubeconfigFor = async (address: string): Promise<string> => {
    const file = join(folder, `kubeconfig-${basename(address).replaceAll(/\W/g, '-')}`);
    await writeKubeconfig(file, address, ca, tokens);
    return file;
  };
  const kubeconfig = join(folder, 'kubeconfig');
  await writeKubeconfig(kubeconfig, server, ca, tokens);
  await grantRights(api);
  if (controllers) {
    await startControllers(processes, binaries, certificates, api, kubeconfig);
    await startNodes(processes, binaries, api, kubeconfig);
  }
  let git: GitServer | undefined;
  if (gitServer || flux || argocd) {
    await mkdir(join(folder, 'git'));
    const gitHost = await startGitServer(join(folder, 'git'));
    tasks.push(() => gitHost.stop());
    git = gitHost;
  }
  if (flux) {
    await startFlux(processes, binaries, api, kubeconfig);
    const source = await startSourceController(api, join(folder, 'source'), environment);
    tasks.push(() => source.stop());
  }
  if (argocd) await startArgocd(processes, binaries, { api, server, kubeconfig, ca, token: tokens.admin });

  const tryKubectl = (
    args: readonly string[],
    { user = 'admin', input }: KubectlOptions = {},
  ): Promise<CommandResult> =>
    tryCommand(binaries.get('kubectl') ?? 'kubectl', [`--kubeconfig=${kubeconfig}`, `--context=${user}`, ...args], {
      environment,
      ...(input === undefined ? {} : { input }),
    });
  const stopApiServer = ({ grace = 1000 } = {}): Promise<void> => processes.end(['kube-apiserver'], grace);

  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    for (const task of tasks.toReversed()) await task();
    // The API server after those that still write to it, etcd last.
    const others = [...pids.keys()].filter((name) => name !== 'kube-apiserver' && name !== 'etcd');
    await processes.stop([others, ['kube-apiserver'], ['etcd']]);
  };
  return {
    ...{
      folder,
      server,
      kubeconfig,
      ca,
      certificates,
      tokens,
      environment,
      api,
      git,
      pids,
      tryKubectl,
      kubeconfigFor,
      stopApiServer,
    },
    async kubectl(args, options) {
      const result = await tryKubectl(args, options);
      if (result.code !== 0) throw new CommandFailed(['kubectl', ...args], result);
      return result.stdout;
    },
    audit: () => readAudit(folder),
    log: (name) => processes.log(name),
    startApiServer: () => apiServer.start(),
    async restartApiServer() {
      await stopApiServer();
      await apiServer.start();
    },
    onStop: (task) => void tasks.push(task),
    stop: () => (stopped ??= stop()),
  };
}

/**
 * Starts etcd, kube-apiserver and (unless `controllers: false`) controller manager, scheduler and two simulated nodes, all on
 * ports of their own on 127.0.0.1. Takes about 4 s. What was started is ended again when a part fails.
 * @throws {MissingBinaries} when programs have to be built first.
 */
export async function startControlPlane(options: ClusterOptions = {}): Promise<ControlPlane> {
  const { binaries, missing } = await locate(options);
  if (missing.length > 0) throw new MissingBinaries(missing);
  const processes = await makeProcessSet();
  const tasks: (() => Promise<void>)[] = [];
  try {
    return await bringUp(processes, binaries, options, tasks);
  } catch (error) {
    for (const task of tasks.toReversed()) await task();
    await processes.stop([]);
    throw error;
  }
}
