import type { Application } from '../../core/delivery/application.ts';
import { type ObjectKey, keyText } from '../../core/kube/objectKey.ts';
import type { Problem, ProblemCode } from '../../core/problem.ts';
import type { PreparedApplication } from './prepareComparison.ts';
import type { Target } from './target.ts';

/** One look at all sources; `end` makes it the one that the next is held against. */
export interface SourceLook {
  complete(prepared: PreparedApplication): PreparedApplication;
  end(): void;
}

/** What a source says when somebody is in the middle of a line; anything else that is wrong with it does not pass by itself. */
const halfTyped: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'invalid-yaml',
  'invalid-json',
  'invalid-object',
  'duplicate-key',
  'unsafe-key',
  'too-deep',
  'alias-bomb',
  'not-text',
  'invalid-kustomization',
  'build-failed',
  'remote-base',
  'outside-repository',
  'cycle',
  'missing-file',
  'not-checked',
]);

interface Known {
  /** With what was kept of earlier looks. */
  last: PreparedApplication;
  changed: ReadonlySet<string>;
}

/**
 * Remembers what the sources of a session said, so that findings do not come and go with every half of a line that is typed: what cannot
 * be read is answered from the last look that could, and marked as such. A one-shot report has no such memory: it says the failure.
 */
export class KeptSources {
  #known: ReadonlyMap<string, Known> = new Map();

  /** What was said is no longer what this is about: another commit is checked out. */
  forget(): void {
    this.#known = new Map();
  }

  /** `changed`: files that changed since the last look, as far as that is known; `at`: now (RFC 3339). */
  look(changed: ReadonlySet<string>, at: string): SourceLook {
    const next = new Map<string, Known>();
    return {
      complete: (item) => {
        const { id } = item.application;
        const known = this.#known.get(id);
        const completed = known === undefined ? item : withKept(item, known, changed, at);
        const isUnread = completed.kept !== undefined;
        if (isUnread || completed.rendered) {
          next.set(id, {
            last: completed,
            changed: isUnread ? (known?.changed ?? new Set()).union(changed) : new Set(),
          });
        }
        return completed;
      },
      // An application that is not there any more is forgotten with it.
      end: () => (this.#known = next),
    };
  }
}

function withKept(
  item: PreparedApplication,
  { last, changed: before }: Known,
  changed: ReadonlySet<string>,
  at: string,
): PreparedApplication {
  const { unread } = item;
  // One that was not prepared anew is what it was.
  if (unread === undefined || item.kept !== undefined || !isSameSource(last.application, item.application)) return item;
  const reason = item.problems.find(isHalfTyped);
  if (reason === undefined) return item;
  const declared = new Set(item.targets.map((target) => keyText(target.key)));
  const isMissing = (target: Target): boolean => !declared.has(keyText(target.key));
  const isHidden = (target: Target): boolean => !item.rendered || unread.has(target.rendered?.file ?? '');
  const targets = last.targets.filter((target) => isMissing(target) && isHidden(target));
  const extras = last.extras.filter(isMissing);
  if (targets.length + extras.length === 0) return item;
  return {
    ...item,
    targets: [...item.targets, ...targets],
    extras,
    files: [...new Set([...item.files, ...last.files])],
    kept: {
      since: last.kept?.since ?? at,
      reason,
      files: item.rendered ? unread : unread.union(changed).union(before),
      keys: new Set([...targets, ...extras].map((target) => keyText(target.key))),
      read: item,
    },
  };
}

/** A file that is not there at all has no line that names it. */
function isHalfTyped({ code, severity, location }: Problem): boolean {
  return severity === 'error' && halfTyped.has(code) && (code !== 'missing-file' || location !== undefined);
}

function isSameSource(a: Application, b: Application): boolean {
  return (
    a.engine === b.engine &&
    a.source.kind === b.source.kind &&
    a.source.path === b.source.path &&
    a.destination.context === b.destination.context &&
    a.destination.namespace === b.destination.namespace
  );
}

/** Whether an object is only known from an earlier look. */
export function isKept({ kept }: PreparedApplication, key: ObjectKey): boolean {
  return kept?.keys.has(keyText(key)) === true;
}
