import type { Json } from '../../core/json.ts';
import { equalJson } from '../../core/json.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import { type LeafQuestion, twinOf } from '../../core/kustomize/candidates.ts';
import { resolveSegments } from '../../core/kustomize/declaredPlace.ts';
import { locationOf } from '../../core/kustomize/graph.ts';
import { valueAtPath, valueLeaves } from '../../core/kustomize/leaves.ts';
import { writtenSpan } from '../../core/kustomize/markers.ts';
import type { Site } from '../../core/kustomize/site.ts';
import type { Location } from '../../core/location.ts';
import { LineIndex } from '../../core/text/lineIndex.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import type { LocateAnswer, LocateQuestion } from '../../ports/renderer.ts';
import { DecidingLines } from '../kustomize/decidingLines.ts';
import { valuesSites } from './valuesSites.ts';

export interface HelmLocatorOptions {
  tree: FileTree;
  /** Folder of the chart. */
  chart: string;
  valuesFiles: readonly string[];
  questions: readonly LocateQuestion[];
  maxBuilds: number;
  /** Renders the chart with some files changed. */
  build(texts: ReadonlyMap<string, string>): Promise<readonly KubeObject[]>;
}

/**
 * Finds the values that decide fields of a chart by trying them out. What no value decides is answered by the template, which
 * Helm names without a line. Fields that differ between two renders of the same (a generated password) are not tried.
 */
export async function locateValues(options: HelmLocatorOptions): Promise<LocateAnswer[]> {
  const texts = new Map<string, string>();
  const own = options.chart === '' ? 'values.yaml' : `${options.chart}/values.yaml`;
  for (const file of new Set([own, ...options.valuesFiles])) {
    const bytes = await options.tree.read(file);
    if (bytes !== undefined) texts.set(file, new TextDecoder().decode(bytes));
  }
  const sites = [...texts].flatMap(([file, text]) => valuesSites(file, text));
  const again = await options.build(new Map());
  const leaves: LeafQuestion[] = [];
  const asked = options.questions.map(({ object, fields }) =>
    fields.map((segments) => {
      const question = leafOf(object.object, resolveSegments(object.object, segments));
      if (question === undefined || !isStable(question, again)) return undefined;
      leaves.push(question);
      return question;
    }),
  );
  const lines = new DecidingLines({
    textOf: (file) => texts.get(file) ?? '',
    build: (changed) => options.build(changed),
    maxBuilds: options.maxBuilds - 1,
  });
  const decided = await lines.decideValues(leaves, sites);
  return options.questions.map(({ object }, index) => {
    const template: Location | undefined =
      object.file === undefined ? undefined : { file: object.file, via: 'template' };
    const fields = (asked[index] ?? []).map((question) => {
      const site = question && decided.get(question);
      return site === undefined ? template : siteLocation(site, texts);
    });
    return { ...(template === undefined ? {} : { object: template }), fields };
  });
}

/** A scalar, or the first one of a map or list: its value tells as well where the whole comes from. */
function leafOf(object: KubeObject, { path, complete }: ReturnType<typeof resolveSegments>): LeafQuestion | undefined {
  if (!complete) return undefined;
  const [leaf] = valueLeaves(valueAtPath(object, path) as Json, path);
  return leaf && { object, path: leaf.path, value: leaf.value, origin: undefined };
}

function isStable(question: LeafQuestion, again: readonly KubeObject[]): boolean {
  const twin = twinOf(question.object, again);
  return twin !== undefined && equalJson(valueAtPath(twin, question.path), question.value);
}

function siteLocation(site: Site, texts: ReadonlyMap<string, string>): Location {
  const text = texts.get(site.file) ?? '';
  return locationOf(site.file, new LineIndex(text), writtenSpan(site.span, text), 'values');
}
