import type { GitRef } from './gitFetch.ts';

export interface Artifact {
  path: string;
  url: string;
  revision: string;
  /** `sha256:` of the file; the controllers check it. */
  digest: string;
  lastUpdateTime: string;
  size: number;
}

export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  lastTransitionTime: string;
  observedGeneration: number;
}

/** What GitRepository and HelmChart have in common. */
export interface SourceObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly generation: number;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly interval: string;
    readonly suspend?: boolean;
    readonly timeout?: string;
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly lastHandledReconcileAt?: string;
    readonly artifact?: Artifact;
    readonly conditions?: readonly Condition[];
  };
}

export interface GitRepositoryObject extends SourceObject {
  readonly spec: SourceObject['spec'] & { readonly url: string; readonly ref?: GitRef; readonly ignore?: string };
  readonly status?: SourceObject['status'] & { readonly observedIgnore?: string };
}

export interface HelmChartObject extends SourceObject {
  readonly spec: SourceObject['spec'] & {
    readonly chart: string;
    readonly sourceRef: { readonly kind: string; readonly name: string };
    readonly reconcileStrategy?: 'ChartVersion' | 'Revision';
    readonly valuesFiles?: readonly string[];
  };
  readonly status?: SourceObject['status'] & { readonly observedSourceArtifactRevision?: string };
}

/** What one visit came to: a file to be stored, or the artifact of before. */
export interface Visit {
  readonly artifact: { readonly file: string; readonly revision: string; readonly data: Buffer } | Artifact;
  readonly ready: { readonly reason: string; readonly message: string };
  /** Further fields of `status`. */
  readonly status: Readonly<Record<string, unknown>>;
}

/** A visit that failed, with the reason that its conditions give. */
export class VisitFailed extends Error {
  readonly reason: string;

  constructor(reason: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'VisitFailed';
    this.reason = reason;
  }
}

const unit: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** Milliseconds of a Go duration such as `1m30s`. */
export function milliseconds(duration: string): number {
  let total = 0;
  for (const [, amount, name = ''] of duration.matchAll(/([\d.]+)(ms|h|m|s)/g))
    total += Number(amount) * (unit[name] ?? 0);
  return total;
}
