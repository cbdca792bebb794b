import type { Translate } from '../../core/explain/wording.ts';
import type { ApplicationReport } from '../../core/report.ts';
import type { JsonObject } from '../../core/json.ts';
import type { ObjectKey } from '../../core/kube/objectKey.ts';
import type { TextEdit } from '../../core/text/span.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ClusterProvider } from '../../ports/cluster.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import type { Log } from '../../ports/log.ts';
import type { Sleep } from '../../services/actions/pause.ts';
import type { ObjectSides } from '../../services/drift/driftSession.ts';
import type { DriftSettings } from '../../services/drift/driftSettings.ts';
import type { Renderers } from '../../services/drift/prepareComparison.ts';
import type { GitWriter } from '../../services/rollback/commitAndPush.ts';
import type { Permissions } from '../permission/permissions.ts';
import type { OpenedFolder } from '../sessions/editorParts.ts';
import type { DriftView } from '../sessions/viewState.ts';
import type { ActionJournal } from './actionJournal.ts';
import type { Ending, NextStep } from './model/outcomeText.ts';
import type { Prompts } from './prompts.ts';

/** The application that an action is about, in one repository and one cluster. */
export interface ActionTarget {
  root: string;
  context: string;
  application: string;
}

export interface ActionParts {
  prompts: Prompts;
  permissions: Permissions;
  clusters: ClusterProvider;
  journal: ActionJournal;
  renderers: Renderers;
  clock: Clock;
  sleep: Sleep;
  log: Log;
  /** Kept with what Plumbline applies itself. */
  toolVersion: string;
  readonly settings: () => DriftSettings;
  readonly folders: () => Promise<OpenedFolder[]>;
  readonly views: () => readonly DriftView[];
  /** Runs under a notification that shows what is going on and can be stopped. */
  readonly during: <T>(
    title: string,
    work: (report: (text: string) => void, signal: AbortSignal) => Promise<T>,
  ) => Promise<T>;
  /** The same steps in the view; undefined when nothing goes on. */
  readonly showInView: (text: string | undefined) => void;
  /** Says how it ended, with what to do next; settles when the user has read it. */
  readonly tell: (ending: Ending) => Promise<NextStep | undefined>;
  readonly writerFor: (repository: GitRepository) => Promise<GitWriter>;
  /** Unsaved texts of files below a root, by paths from there. */
  readonly unsaved: (root: string) => ReadonlyMap<string, string>;
  /** Saves them; false where one could not be saved. */
  readonly save: (root: string) => Promise<boolean>;
  /**
   * Edits a file in an editor, undone as any other edit, and shows where. Offsets count in `before`; false where the file says something
   * else by now.
   */
  readonly edit: (root: string, file: string, before: string, edits: readonly TextEdit[]) => Promise<boolean>;
  /** Both sides of an object as the view has them. */
  readonly objects: (target: ActionTarget, key: ObjectKey) => ObjectSides;
  /** Adds a rule to the setting `plumbline.ignore` of the workspace. */
  readonly addIgnoreRule: (rule: JsonObject) => Promise<void>;
  /** Views follow what an action did. */
  readonly refresh: (target: ActionTarget) => Promise<void>;
  /** Runs one of the own commands about the target. */
  readonly follow: (next: NextStep, target: ActionTarget) => Promise<void>;
  t: Translate;
}

/** The last report of an application; undefined where no view has it any more. */
export function reportOf(views: readonly DriftView[], target: ActionTarget): ApplicationReport | undefined {
  const view = views.find((item) => item.root === target.root && item.context === target.context);
  return view?.snapshot.report.applications.find((item) => item.id === target.application);
}
