import type { Disposable } from '../../core/emitter.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ClusterProvider } from '../../ports/cluster.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import type { Gunzip } from '../../ports/gunzip.ts';
import type { Jq } from '../../ports/jq.ts';
import type { Log } from '../../ports/log.ts';
import type { Renderers } from '../../services/drift/prepareComparison.ts';

/** A folder of the workspace, as the files of its repository, or as plain files where it is in none. */
export interface OpenedFolder {
  /** Absolute path that paths in reports start from. */
  root: string;
  /** The folder itself below the root; empty for the root. */
  below: string;
  tree: FileTree;
  repository?: GitRepository;
  dispose(): Promise<void>;
}

/** The simulated cluster, served in this process. */
export interface RunningSandbox {
  context: string;
  clusters: ClusterProvider;
  /** Ends the server and removes its kubeconfig. */
  dispose(): Promise<void>;
}

/** What the composition root (src/extension.ts) builds of adapters and hands in as ports. */
export interface EditorParts {
  clusters: ClusterProvider;
  renderers: Renderers;
  jq: Jq;
  gunzip: Gunzip;
  clock: Clock;
  log: Log;
  readonly openFolder: (folder: string, signal: AbortSignal) => Promise<OpenedFolder>;
  /** Calls back when one of these absolute paths changes, appears or goes. */
  readonly watchKubeconfig: (files: readonly string[], onDidChange: () => void) => Disposable;
  readonly startSandbox: () => Promise<RunningSandbox>;
}
