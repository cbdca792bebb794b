import { type ObjectKey, keyText } from '../../core/kube/objectKey.ts';
import type { ApplicationReport, EngineName, FieldChange } from '../../core/report.ts';
import { engineName } from '../../core/explain/findings.ts';
import { commandIds } from '../contributions.ts';
import { type ObjectRef, parseRef } from '../sessions/objectRef.ts';
import type { DriftView } from '../sessions/viewState.ts';
import type { ActionParts, ActionTarget } from './actionParts.ts';
import { reportOf } from './actionParts.ts';
import { Declined } from './declined.ts';
import {
  type RestorableItem,
  type FoundField,
  fieldItems,
  isIgnorable,
  isWritable,
  restorableItems,
} from './model/restorable.ts';
import type { Action } from './runAction.ts';

type ActionCommand =
  'sync' | 'commitAndSync' | 'rollBack' | 'restore' | 'suspend' | 'resume' | 'writeLiveValue' | 'ignoreDifference';

export type ActionHandlers = Record<(typeof commandIds)[ActionCommand], (argument?: unknown) => Promise<void>>;

export interface ActionCommandParts {
  actions: ActionParts;
  /** Throws in Restricted Mode. */
  readonly requireTrust: () => void;
  /** A row of a view: the application, and the revision or object that it stands for. */
  readonly rowOf: (argument: unknown) => RowTarget | undefined;
  /** The finding at the cursor or the selected row, for commands that come without an argument. */
  readonly current: () => ObjectRef | undefined;
  /** Views have answers although nothing shows them yet. */
  readonly wake: () => void;
}

export interface RowTarget extends ActionTarget {
  /** A commit's full id. */
  revision?: string;
  key?: ObjectKey;
  /** The field in question. */
  path?: string;
}

/** Ids of applications that Helm delivers; how they sync is Flux's helm-controller's own affair. */
const helmRelease = 'flux:helmrelease/';
const deliverers: readonly EngineName[] = ['direct', 'flux'];
const everyEngine: readonly EngineName[] = ['direct', 'flux', 'argocd'];

/** The commands that change things. Each finds its application in the argument, or asks for it. */
export function actionHandlers(parts: ActionCommandParts): ActionHandlers {
  const { actions } = parts;
  const { t } = actions;

  const run = async (
    argument: unknown,
    title: string,
    engines: readonly EngineName[],
    actionOf: (row: RowTarget) => Action,
  ): Promise<void> => {
    parts.requireTrust();
    parts.wake();
    const row = targetOf(parts, argument) ?? (await pickTarget(actions, title, engines));
    const { root, context, application } = row;
    const action = actionOf(row);
    if (application.startsWith(helmRelease) && action.do !== 'ignoreDifference') {
      throw new Error(
        t(
          '{0} is a HelmRelease: it is compared here, and changed by Flux or in its file.',
          application.slice(helmRelease.length),
        ),
      );
    }
    const target = { root, context, application };
    const name = reportOf(actions.views(), target)?.name ?? application;
    const { runAction } = await import('./runAction.ts');
    const again = (): Promise<void> => run(row, title, engines, actionOf);
    await runAction(actions, { action, target, title, name, again });
  };

  const runOnField = async (
    argument: unknown,
    title: string,
    engines: readonly EngineName[],
    isMeant: (change: FieldChange) => boolean,
    what: 'writeLiveValue' | 'ignoreDifference',
  ): Promise<void> => {
    parts.requireTrust();
    const given = targetOf(parts, argument) ?? (argument === undefined ? parts.current() : undefined);
    const field = await pickField(actions, given, title, isMeant);
    await run(field, title, engines, () => ({ do: what, key: field.key, segments: field.segments }));
  };

  return {
    [commandIds.sync]: (argument) => run(argument, t('Sync'), deliverers, () => ({ do: 'sync' })),
    [commandIds.commitAndSync]: (argument) =>
      run(argument, t('Commit and Sync'), deliverers, () => ({ do: 'commitAndSync' })),
    [commandIds.rollBack]: (argument) =>
      run(argument, t('Roll Back'), deliverers, ({ revision }) => ({
        do: 'rollBack',
        ...(revision === undefined ? {} : { revision }),
      })),
    [commandIds.suspend]: (argument) => run(argument, t('Suspend'), ['flux'], () => ({ do: 'suspend' })),
    [commandIds.resume]: (argument) => run(argument, t('Resume'), ['flux'], () => ({ do: 'resume' })),
    [commandIds.restore]: async (argument) => {
      parts.requireTrust();
      const given = targetOf(parts, argument) ?? (argument === undefined ? parts.current() : undefined);
      const ref = given?.key === undefined ? await pickObject(actions) : { ...given, key: given.key };
      await run(ref, t('Restore'), deliverers, () => ({ do: 'restore', key: ref.key }));
    },
    [commandIds.writeLiveValue]: (argument) =>
      runOnField(argument, t('Write live value into Git'), deliverers, isWritable, 'writeLiveValue'),
    [commandIds.ignoreDifference]: (argument) =>
      runOnField(argument, t('Ignore this difference'), everyEngine, isIgnorable, 'ignoreDifference'),
  };
}

function targetOf(parts: ActionCommandParts, argument: unknown): RowTarget | undefined {
  return parts.rowOf(argument) ?? parseRef(argument) ?? parseTarget(argument);
}

function parseTarget(value: unknown): RowTarget | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { root, context, application, revision } = value as Record<string, unknown>;
  if (typeof root !== 'string' || typeof context !== 'string' || typeof application !== 'string') return undefined;
  const isCommit = typeof revision === 'string' && /^[0-9a-f]{40,64}$/.test(revision);
  return { root, context, application, ...(isCommit ? { revision } : {}) };
}

/** The only application that it can be about, or the one that the user picks. */
async function pickTarget(
  { views, prompts, t }: ActionParts,
  action: string,
  engines: readonly EngineName[],
): Promise<ActionTarget> {
  const found = views().flatMap((view) =>
    view.snapshot.report.applications
      .filter(({ engine }) => engines.includes(engine))
      .map((application) => ({ application, target: targetIn(view, application) })),
  );
  const [only] = found;
  if (only === undefined) {
    throw new Error(
      views().length === 0
        ? t('No application is known yet. Select a cluster, or refresh.')
        : t('No application here can be acted on by {0}.', action),
    );
  }
  if (found.length === 1) return only.target;
  const items = found.map(({ application, target }) => ({
    value: target,
    label: application.name,
    description: engineName(application.engine, t),
    detail: target.context,
  }));
  const picked = await prompts.pick(items, { title: action, placeholder: t('The application') });
  if (picked === undefined) throw new Declined();
  return picked;
}

async function pickObject({ views, prompts, t }: ActionParts): Promise<ObjectRef> {
  const items: RestorableItem[] = views().flatMap((view) => restorableItems(view, t));
  if (items.length === 0) throw new Error(t('Nothing has drifted that could be restored.'));
  const picked = await prompts.pick(items, {
    title: t('Restore'),
    placeholder: t('The object that becomes what Git says'),
  });
  if (picked === undefined) throw new Declined();
  return picked;
}

/** The field that was named, or one that the user picks. */
async function pickField(
  { views, prompts, t }: ActionParts,
  given: RowTarget | undefined,
  title: string,
  isMeant: (change: FieldChange) => boolean,
): Promise<FoundField> {
  const items = views().flatMap((view) => fieldItems(view, isMeant, t));
  const concerned = given === undefined ? items : items.filter(({ value }) => isSameFinding(value, given));
  const [only] = concerned;
  if (only === undefined) throw new Error(t('{0}: there is no such difference here.', title));
  if (concerned.length === 1) return only.value;
  const picked = await prompts.pick(concerned, { title, placeholder: t('The field') });
  if (picked === undefined) throw new Declined();
  return picked;
}

function isSameFinding(value: FoundField, given: RowTarget): boolean {
  if (value.root !== given.root || value.context !== given.context || value.application !== given.application)
    return false;
  if (given.key !== undefined && keyText(value.key) !== keyText(given.key)) return false;
  return given.path === undefined || value.path === given.path;
}

function targetIn(view: DriftView, application: ApplicationReport): ActionTarget {
  return { root: view.root, context: view.context, application: application.id };
}
