import type { ObjectKey } from './kube/objectKey.ts';
import type { Location } from './location.ts';

/** What can go wrong without stopping the rest. The list is closed, so that every surface can decide what each means to it. */
export type ProblemCode =
  // reading files
  | 'invalid-yaml'
  | 'invalid-json'
  | 'invalid-object'
  | 'duplicate-key'
  | 'unsafe-key'
  | 'too-large'
  | 'too-deep'
  | 'alias-bomb'
  | 'not-text'
  | 'duplicate-object'
  // rendering
  | 'invalid-kustomization'
  | 'build-failed'
  | 'remote-base'
  | 'outside-repository'
  | 'cycle'
  | 'missing-file'
  | 'missing-binary'
  | 'render-timeout'
  | 'lfs-pointer'
  | 'submodule'
  | 'chart-not-local'
  // git
  | 'not-a-repository'
  | 'missing-revision'
  // clusters
  | 'no-kubeconfig'
  | 'invalid-kubeconfig'
  | 'unknown-context'
  | 'unreachable'
  | 'unauthorized'
  | 'forbidden'
  | 'unknown-kind'
  | 'discovery-incomplete'
  | 'schema-unavailable'
  | 'invalid-config'
  // comparing
  | 'invalid-against-schema'
  | 'secret-not-compared'
  | 'not-checked';

/**
 * Something that could not be done or read. It names the thing, the place and the remedy; it never holds a Secret value.
 * An `error` means that something was not checked, so the answer is incomplete (exit code 2).
 */
export interface Problem {
  code: ProblemCode;
  severity: 'error' | 'warning' | 'information';
  /** One sentence that names the thing. */
  message: string;
  /** What to do about it, as one sentence. */
  remedy?: string;
  location?: Location;
  /** Id of the application it belongs to. */
  application?: string;
  /** The context it belongs to. */
  context?: string;
  object?: ObjectKey;
}
