import * as vscode from 'vscode';
import { engineName } from '../../core/explain/findings.ts';
import { describeKey } from '../../core/kube/objectKey.ts';
import { worktree } from '../../services/commits/commitStages.ts';
import type { CommitPlan } from '../../services/commits/commitPlans.ts';
import { commandIds, commitsViewId } from '../contributions.ts';
import type { ManifestDocuments } from '../documents/manifestDocuments.ts';
import type { ApplicationTarget, CommitsController } from './commitsController.ts';
import type { CommitsViewProvider } from './commitsView.ts';
import type { RevisionTarget } from './model/commitNode.ts';

type CommitsCommand = 'previewReconcile' | 'openChanges' | 'openStepDiff' | 'showCommits' | 'showOlderCommits';

export interface CommitsCommandParts {
  commits: CommitsController;
  view: CommitsViewProvider;
  documents: ManifestDocuments;
  /** Throws in Restricted Mode. */
  readonly requireTrust: () => void;
  /** The application of a row of any view, or of what the cursor is on. */
  readonly applicationOf: (argument: unknown) => ApplicationTarget | undefined;
  readonly wake: () => void;
}

/** What the commands of the Commits view do. */
export function commitsHandlers(
  parts: CommitsCommandParts,
): Record<(typeof commandIds)[CommitsCommand], (argument?: unknown) => Promise<void>> {
  const { commits, view, documents } = parts;

  /** Shows the view with this application; without one, with the one in view, or one that the user picks. */
  const show = async (target: ApplicationTarget | undefined): Promise<ApplicationTarget | undefined> => {
    parts.requireTrust();
    parts.wake();
    await vscode.commands.executeCommand(`${commitsViewId}.focus`);
    const shown = target ?? commits.target ?? (await pickApplication(commits));
    if (shown !== undefined) await commits.choose(shown);
    return shown;
  };

  return {
    [commandIds.showCommits]: async (argument) => {
      const target = parts.applicationOf(argument);
      if (target === undefined) parts.wake();
      await show(target ?? (await pickApplication(commits)));
    },
    [commandIds.previewReconcile]: async (argument) => {
      const row = view.nodeOf(argument)?.target;
      const target = await show(row ?? parts.applicationOf(argument));
      if (target === undefined) return;
      const revision = row !== undefined && row.key === undefined ? row.revision : worktree;
      const found = await planned(parts, { ...target, revision });
      // Without edits the newest commit that is not applied is what a reconcile brings, else what is applied already.
      const stages = commits.snapshot?.stages;
      const instead = stages?.unapplied[0]?.commit.id ?? stages?.applied?.revision ?? stages?.base?.id;
      if (found !== undefined || instead === undefined) {
        await view.reveal(revision);
        return;
      }
      commits.want(instead);
      await view.reveal(instead);
    },
    [commandIds.openChanges]: async (argument) => {
      parts.requireTrust();
      const row = view.nodeOf(argument)?.target ?? (argument === undefined ? view.selected?.target : undefined);
      const target = row ?? (await show(parts.applicationOf(argument)));
      if (target === undefined) return;
      const revision = 'revision' in target ? (target as RevisionTarget).revision : worktree;
      const wanted = { ...target, revision };
      const plan = await planned(parts, wanted);
      const keys = [...(plan?.objects.values() ?? [])].map((object) => object.key);
      if (keys.length === 0) {
        // Awaited by nobody: the command has ended, whenever the user reads it.
        void vscode.window.showInformationMessage(vscode.l10n.t('There is nothing that a reconcile would change.'));
        return;
      }
      await documents.openPlannedChanges(wanted, keys, commits.snapshot?.application.name ?? target.application);
    },
    [commandIds.openStepDiff]: async (argument) => {
      const target = view.nodeOf(argument)?.target;
      if (target?.key !== undefined) await documents.openPlannedDiff(target, target.key);
    },
    [commandIds.showOlderCommits]: () => commits.loadOlder(),
  };
}

/** Opens the line that decides what a step changes. Throws where the working tree does not have it. */
export async function openStepLine(
  commits: CommitsController,
  target: RevisionTarget,
  open: (root: string, location: NonNullable<Awaited<ReturnType<CommitsController['locate']>>>) => Promise<void>,
): Promise<void> {
  const location = await commits.locate(target);
  if (location !== undefined) {
    await open(target.root, location);
  } else if (target.key !== undefined) {
    throw new Error(vscode.l10n.t('{0} is not in the working tree.', describeKey(target.key)));
  }
}

/** The plan of a row; undefined where there is nothing to plan. Throws what stands in its way. */
async function planned({ commits }: CommitsCommandParts, target: RevisionTarget): Promise<CommitPlan | undefined> {
  const options = { location: { viewId: commitsViewId }, cancellable: false };
  const controller = new AbortController();
  const plan = await vscode.window.withProgress(options, () => commits.planOf(target, controller.signal));
  if (plan?.state === 'failed')
    throw new Error(plan.remedy === undefined ? plan.message : `${plan.message} ${plan.remedy}`);
  return plan?.state === 'ready' ? plan.plan : undefined;
}

interface ApplicationItem extends vscode.QuickPickItem {
  target: ApplicationTarget;
}

async function pickApplication(commits: CommitsController): Promise<ApplicationTarget | undefined> {
  const items = commits.applications.map((item): ApplicationItem => {
    const { report, ...target } = item;
    const path = report.source.path;
    return {
      label: report.name,
      description: [engineName(report.engine, vscode.l10n.t), item.context].join(' · '),
      ...(path === report.name ? {} : { detail: path }),
      target,
    };
  });
  const [only] = items;
  if (only === undefined) throw new Error(vscode.l10n.t('No application is known yet. Show the Drift view first.'));
  if (items.length === 1) return only.target;
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Show Commits'),
    placeHolder: vscode.l10n.t('The application whose commits are shown'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.target;
}
