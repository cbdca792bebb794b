import type { Stage } from '../../../services/commits/commitStages.ts';
import { ShownTree, type TreeChange } from '../../views/model/shownTree.ts';
import type { CommitNode, CommitsInput } from './commitNode.ts';
import { groupId, olderId, olderNodes, planOf, rootNodes, stagedNodes } from './commitNodes.ts';
import { stepNodes } from './stepNodes.ts';

const stages: readonly Stage[] = ['not-pushed', 'not-fetched', 'not-applied'];

/** The rows of the Commits view. */
export class CommitsTree {
  #input: CommitsInput | undefined;
  readonly #shown = new ShownTree<CommitNode>((id) => this.#make(id));

  node(id: string): CommitNode | undefined {
    return this.#shown.node(id);
  }

  parent(id: string): string | undefined {
    return this.#shown.parent(id);
  }

  children(id: string | undefined): CommitNode[] {
    return this.#shown.children(id);
  }

  /** Takes what there is to show now and says which rows the editor must ask for again, outermost first. */
  update(input: CommitsInput | undefined): TreeChange[] {
    this.#input = input;
    return this.#shown.update();
  }

  #make(id: string | undefined): CommitNode[] {
    const input = this.#input;
    if (input === undefined) return [];
    if (id === undefined) return rootNodes(input);
    const stage = stages.find((candidate) => id === groupId(input, candidate));
    if (stage !== undefined) return stagedNodes(input, stage);
    if (id === olderId(input)) return olderNodes(input);
    const target = this.#shown.node(id)?.target;
    if (target === undefined || target.key !== undefined) return [];
    return stepNodes(id, target, planOf(input, target.revision), input.wording);
  }
}
