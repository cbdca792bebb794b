import type * as vscode from 'vscode';

/**
 * What is used of the interface that VS Code's Git extension offers as version 1. Written down here since it ships no types; each member
 * is one that the extension documents for others.
 */
export interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): GitApi;
}

export interface GitApi {
  getRepository(uri: vscode.Uri): EditorRepository | null;
}

export interface EditorRepository {
  readonly rootUri: vscode.Uri;
  readonly state: {
    readonly HEAD: { readonly name?: string; readonly upstream?: { remote: string; name: string } } | undefined;
    readonly remotes: readonly { readonly name: string }[];
    readonly indexChanges: readonly IndexChange[];
    readonly mergeChanges: readonly unknown[];
  };
  /** Looks at the repository anew. */
  status(): Promise<void>;
  /** Without options: what is staged, and nothing else. */
  commit(message: string): Promise<void>;
  push(remoteName?: string, branchName?: string, setUpstream?: boolean): Promise<void>;
}

export interface IndexChange {
  readonly uri: vscode.Uri;
  /** 0 modified, 1 added, 2 deleted; the others name two files. */
  readonly status: number;
}
