import type { Agent } from 'node:http';
import type { ProcessRunner } from '../../ports/processRunner.ts';

/** What one request needs to reach the server as the user. */
export interface RequestCredentials {
  headers: Record<string, string | string[]>;
  /** Keeps connections, with the context's certificates and proxy. */
  agent: Agent;
}

/** Credentials of one context, renewed as they run out. Made by `openCredentials` of clientNode.ts, which is loaded on first use. */
export interface CredentialSource {
  /** @throws {ClusterError} `credentials` */
  next(signal?: AbortSignal): Promise<RequestCredentials>;
  /** Closes all connections, those in use too. */
  dispose(): void;
}

export interface CredentialSourceOptions {
  /** Runs credential plugins. */
  runner: ProcessRunner;
  /** URL of the proxy to go through. */
  proxy: string | undefined;
}
