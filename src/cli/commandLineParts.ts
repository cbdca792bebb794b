import type { Clock } from '../ports/clock.ts';
import type { ClusterProvider } from '../ports/cluster.ts';
import type { Gunzip } from '../ports/gunzip.ts';
import type { Jq } from '../ports/jq.ts';
import type { ProcessRunner } from '../ports/processRunner.ts';
import type { Renderers } from '../services/drift/prepareComparison.ts';
import type { SourceOpener } from './openSource.ts';

/** What the commands need from outside; made by the composition root. */
export interface CommandLineParts {
  runner: ProcessRunner;
  sources: SourceOpener;
  renderers: Renderers;
  clusters: (kubeconfig: string | undefined) => ClusterProvider;
  startSandbox: SandboxStarter;
  jq: Jq;
  gunzip: Gunzip;
  clock: Clock;
}

export interface RunningSandbox {
  url: string;
  kubeconfigPath: string;
  contextName: string;
  stop(): Promise<void>;
  reset(): Promise<void> | void;
}

export type SandboxStarter = (options: { port?: number; dataDirectory?: string }) => Promise<RunningSandbox>;
