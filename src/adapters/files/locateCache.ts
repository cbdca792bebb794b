import { printJson } from '../../core/jsonText.ts';
import type { Json } from '../../core/json.ts';
import { keyOf, keyText } from '../../core/kube/objectKey.ts';
import type { Location, PathSegment } from '../../core/location.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import type { LocateAnswer, LocateQuestion } from '../../ports/renderer.ts';
import { RenderCache, contentIds, hasContent } from './renderCache.ts';

/** Answers of one content: places by object and field, null where there is none. */
type Answers = Map<string, Location | null>;

/** Deciding lines by the content of the files that they were found in: while nothing of it changes, nothing is built for them again. */
export class LocateCache {
  readonly #answers = new RenderCache<Answers>();

  /** `scope` and `paths` as for a render. `ask` gets the questions that are open, each with its open fields only. */
  async answer(
    scope: string,
    tree: FileTree,
    paths: readonly string[],
    questions: readonly LocateQuestion[],
    ask: (open: readonly LocateQuestion[]) => Promise<LocateAnswer[]>,
  ): Promise<LocateAnswer[]> {
    const ids = await contentIds(tree, paths);
    const known = await this.#answers.get(scope, tree);
    const answers = new Map(known);
    const open = questions
      .map((question) => ({
        ...question,
        fields: question.fields.filter((field) => !answers.has(idOf(question, field))),
      }))
      .filter((question) => question.fields.length > 0 || !answers.has(idOf(question)));
    if (open.length > 0) {
      const found = await ask(open);
      open.forEach((question, index) => {
        answers.set(idOf(question), found[index]?.object ?? null);
        question.fields.forEach((field, at) => answers.set(idOf(question, field), found[index]?.fields[at] ?? null));
      });
      if (known === undefined) await this.#answers.put(scope, tree, ids, answers);
      else if (await hasContent(tree, ids)) for (const [id, place] of answers) known.set(id, place);
    }
    return questions.map((question) => {
      const object = answers.get(idOf(question)) ?? undefined;
      const fields = question.fields.map((field) => answers.get(idOf(question, field)) ?? undefined);
      return { ...(object === undefined ? {} : { object }), fields };
    });
  }
}

function idOf({ object }: LocateQuestion, field?: readonly PathSegment[]): string {
  const key = keyText(keyOf(object.object));
  return field === undefined ? key : `${key}\n${printJson(field as unknown as Json)}`;
}
