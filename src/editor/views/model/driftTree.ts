import { keyText } from '../../../core/kube/objectKey.ts';
import type { Problem } from '../../../core/problem.ts';
import type { ApplicationReport, ObjectReport } from '../../../core/report.ts';
import { keyOfReport } from '../../sessions/objectRef.ts';
import type { DriftView } from '../../sessions/viewState.ts';
import type { Wording } from '../../../core/explain/wording.ts';
import type { DriftNode } from './driftNode.ts';
import { applicationNode, countByStatus, failureOf, worstStatus } from './applicationNode.ts';
import { type NodeOptions, fieldNodes, objectNodes, syncedNodes } from './driftNodes.ts';
import { problemNode } from './problemNode.ts';
import { applicationId, syncedId } from './rowIds.ts';
import { ShownTree, type TreeChange } from './shownTree.ts';
import { rankOf } from './statusLooks.ts';

/** What the tree is made of. */
export interface TreeInput {
  views: readonly DriftView[];
  /** Of the kubeconfig, while no context is chosen. */
  problems: readonly Problem[];
  options: NodeOptions;
  wording: Wording;
}

/** The rows of the Drift view. */
export class DriftTree {
  #input: TreeInput;
  readonly #shown = new ShownTree<DriftNode>((id) => this.#make(id));

  constructor(input: TreeInput) {
    this.#input = input;
  }

  node(id: string): DriftNode | undefined {
    return this.#shown.node(id);
  }

  parent(id: string): string | undefined {
    return this.#shown.parent(id);
  }

  children(id: string | undefined): DriftNode[] {
    return this.#shown.children(id);
  }

  /** Takes a new snapshot and says which rows the editor must ask for again, outermost first. */
  update(input: TreeInput): TreeChange[] {
    this.#input = input;
    return this.#shown.update();
  }

  #make(id: string | undefined): DriftNode[] {
    const { options, wording } = this.#input;
    if (id === undefined) return this.#roots();
    for (const view of this.#input.views) {
      if (!id.startsWith(`${view.root}\n${view.context}\n`)) continue;
      for (const application of view.snapshot.report.applications) {
        const own = applicationId(view, application.id);
        if (id === own) return objectNodes(view, application, options, wording);
        if (id === syncedId(view, application.id)) return syncedNodes(view, application, wording);
        if (!id.startsWith(`${own}\n`)) continue;
        const object = objectsOf(application).get(id.slice(own.length + 1));
        if (object !== undefined) return fieldNodes(view, application, object, wording);
      }
    }
    return [];
  }

  #roots(): DriftNode[] {
    const { views, problems, options, wording } = this.#input;
    const roots = problems.map((problem, index) => problemNode(undefined, problem, index, wording));
    for (const view of views) {
      const { report } = view.snapshot;
      const applications = new Map(report.applications.map((application) => [application.id, application]));
      const loose = report.problems.filter((problem) => showsApart(view, applications, problem));
      roots.push(...loose.map((problem, index) => problemNode(view, problem, index, wording)));
      const shown = report.applications.filter((application) => !options.findingsOnly || !isClean(view, application));
      roots.push(
        ...[...shown]
          .sort((a, b) => compareApplications(view, a, b))
          .map((item) => applicationNode(view, item, wording)),
      );
    }
    return roots;
  }
}

const indexes = new WeakMap<ApplicationReport, ReadonlyMap<string, ObjectReport>>();

/** Objects by the last part of their row's id. Reports never change, so one index serves each as long as it is shown. */
function objectsOf(application: ApplicationReport): ReadonlyMap<string, ObjectReport> {
  let index = indexes.get(application);
  if (index === undefined) {
    index = new Map(application.objects.map((object) => [keyText(keyOfReport(object)), object]));
    indexes.set(application, index);
  }
  return index;
}

/** An application's own failure stands in its row, and its other problems in the tooltip and the Problems panel. */
function showsApart(view: DriftView, applications: ReadonlyMap<string, ApplicationReport>, problem: Problem): boolean {
  if (problem.severity === 'information') return false;
  const application = problem.application === undefined ? undefined : applications.get(problem.application);
  if (application === undefined) return true;
  return (
    problem.severity === 'error' && application.objects.length > 0 && !isSame(failureOf(view, application), problem)
  );
}

/** A report tells each problem once, which need not be the same value. */
function isSame(a: Problem | undefined, b: Problem): boolean {
  return a?.code === b.code && a.message === b.message;
}

function isClean(view: DriftView, application: ApplicationReport): boolean {
  return (
    failureOf(view, application) === undefined && application.objects.every((object) => object.status === 'synced')
  );
}

/** Findings first, then what could not be checked, then what is clean. */
function compareApplications(view: DriftView, a: ApplicationReport, b: ApplicationReport): number {
  const rank = (application: ApplicationReport): number => {
    const worst = worstStatus(countByStatus(application.objects));
    if (worst !== undefined) return rankOf(worst);
    return failureOf(view, application) === undefined ? rankOf('synced') : rankOf('unknown');
  };
  return rank(a) - rank(b) || (a.name < b.name ? -1 : 1);
}
