import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** As much of an `audit.k8s.io/v1` Event as tests of the load on the API server read. */
export interface AuditEvent {
  /** `ResponseStarted` comes for watches alone, `ResponseComplete` for all. */
  readonly stage: 'ResponseStarted' | 'ResponseComplete' | 'Panic';
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly apiGroup?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  /** RFC 3339 with microseconds. */
  readonly requestReceivedTimestamp: string;
}

const policy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{level: Metadata}]
`;

const logFile = (folder: string): string => join(folder, 'logs', 'audit.jsonl');

/** Flags that make kube-apiserver write down every request before it is answered. */
export async function auditFlags(folder: string): Promise<string[]> {
  const file = join(folder, 'audit-policy.yaml');
  await writeFile(file, policy);
  return [`--audit-policy-file=${file}`, `--audit-log-path=${logFile(folder)}`, '--audit-log-mode=blocking-strict'];
}

/** All requests so far, oldest first. @throws when the set was started without `audit`. */
export async function readAudit(folder: string): Promise<AuditEvent[]> {
  const lines = (await readFile(logFile(folder), 'utf8')).split('\n');
  // The last line may be half written; what a test waits for comes with the next look.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as AuditEvent);
}
