import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import { KustomizeRenderer } from '../../../../src/adapters/kustomize/kustomizeRenderer.ts';
import { buildWith } from '../../../../src/adapters/kustomize/kustomizeBuild.ts';
import { findKustomize } from '../../../../src/adapters/kustomize/kustomizeProgram.ts';
import { PrivateCopy } from '../../../../src/adapters/files/privateCopy.ts';
import { equalJson, type Json } from '../../../../src/core/json.ts';
import { type KubeObject, describeKey, keyOf, nameOf } from '../../../../src/core/kube/objectKey.ts';
import { fieldsOf, valueAtPath, valueLeaves } from '../../../../src/core/kustomize/leaves.ts';
import type { YamlPath } from '../../../../src/core/kustomize/yamlTree.ts';
import type { Location } from '../../../../src/core/location.ts';
import { LineIndex } from '../../../../src/core/text/lineIndex.ts';
import type { FileTree } from '../../../../src/ports/fileTree.ts';
import { kubectl } from '../tools.ts';

export interface Accuracy {
  leaves: number;
  right: number;
  /** Leaves whose value stands in no file; they are answered by what is above. */
  nowhere: number;
  wrong: string[];
  milliseconds: number;
}

/**
 * Asks for the deciding line of every scalar of every built object, then changes each answered place alone in a copy of its own and
 * checks that the very field changes. `sample` checks every n-th answer, since each costs a build.
 */
export async function measureAccuracy(
  tree: FileTree,
  path: string,
  options: { sample?: number; admits?: (object: KubeObject) => boolean } = {},
): Promise<Accuracy> {
  const { sample = 1, admits = () => true } = options;
  const runner = new SpawnRunner();
  const renderer = new KustomizeRenderer(runner, () => ({ program: kubectl ?? 'kubectl' }));
  const rendered = await renderer.render(tree, path, {});
  const questions = rendered.objects
    .filter(({ object }) => admits(object))
    .map((object) => {
      const leaves = valueLeaves(object.object).filter(({ path: way }) => !isIdentity(way));
      return { object, leaves, fields: leaves.map((leaf) => leaf.path.map(segmentOf)) };
    });
  const start = performance.now();
  const answers = await renderer.locate(tree, path, questions, {});
  const milliseconds = performance.now() - start;

  const program = await findKustomize(runner, kubectl);
  const build = buildWith(runner, program);
  const copy = await PrivateCopy.make(tree, rendered.files);
  const rebuild = () =>
    build({ directory: copy.directory, path, unrestricted: false, allowRemote: false }).catch((): KubeObject[] => []);
  const accuracy: Accuracy = { leaves: 0, right: 0, nowhere: 0, wrong: [], milliseconds };
  const texts = new Map<string, string>();
  for (const file of rendered.files) texts.set(file, Buffer.from((await tree.read(file)) ?? []).toString());

  // Leaves that were answered with the same place need one build together.
  const places = new Map<
    string,
    { location: Location; leaves: { object: KubeObject; path: YamlPath; value: Json }[] }
  >();
  questions.forEach((question, index) => {
    question.leaves.forEach((leaf, at) => {
      accuracy.leaves += 1;
      const location = answers[index]?.fields[at];
      if (!isSpelledOut(leaf.value, texts)) {
        accuracy.nowhere += 1;
        return;
      }
      if (location?.line === undefined) {
        accuracy.wrong.push(`${labelOf({ ...leaf, object: question.object.object })}: no answer`);
        return;
      }
      const key = `${location.file}:${location.line}:${location.column ?? 0}`;
      const place = places.get(key) ?? { location, leaves: [] };
      place.leaves.push({ object: question.object.object, path: leaf.path, value: leaf.value });
      places.set(key, place);
    });
  });
  const all = [...places.values()];
  const checked = all.filter((_, index) => index % sample === 0);
  for (const place of all) if (!checked.includes(place)) accuracy.leaves -= place.leaves.length;

  /** Changes the places together; gives back what did not show. */
  const check = async (group: readonly Place[]): Promise<Place[]> => {
    const changes = new Map<string, string>();
    // From the end of each file, so that places before stay where they are.
    const numbered = group.map((place, index) => ({ place, id: index + 1 }));
    numbered.sort(
      (a, b) =>
        (b.place.location.line ?? 0) - (a.place.location.line ?? 0) ||
        (b.place.location.column ?? 0) - (a.place.location.column ?? 0),
    );
    for (const { place, id } of numbered) {
      const { file } = place.location;
      changes.set(file, changed(changes.get(file) ?? texts.get(file) ?? '', place.location, id));
    }
    await copy.set(changes);
    const built = await rebuild();
    const unseen: Place[] = [];
    for (const { place, id } of numbered) {
      const leaves = place.leaves.filter(
        (leaf) =>
          !built.some(
            (other) => other.kind === leaf.object.kind && sameStem(other, leaf.object) && shows(other, leaf, id),
          ),
      );
      accuracy.right += place.leaves.length - leaves.length;
      if (leaves.length > 0) unseen.push({ ...place, leaves });
    }
    return unseen;
  };
  for (let start = 0; start < checked.length; start += together) {
    const unseen = await check(checked.slice(start, start + together));
    // What hides behind another change, or was not built at all, gets a build of its own.
    for (const place of unseen) {
      for (const { location, leaves } of await check([place])) {
        const where = `${location.file}:${location.line ?? 0}:${location.column ?? 0} (${location.via})`;
        for (const leaf of leaves) accuracy.wrong.push(`${labelOf(leaf)}: ${where}`);
      }
    }
  }
  await copy.dispose();
  return accuracy;
}

/** Places that are changed in one build. */
const together = 16;

interface Leaf {
  object: KubeObject;
  path: YamlPath;
  value: Json;
}

interface Place {
  location: Location;
  leaves: Leaf[];
}

function labelOf(leaf: Leaf): string {
  return `${describeKey(keyOf(leaf.object))} ${leaf.path.join('.')} = ${JSON.stringify(leaf.value).slice(0, 60)}`;
}

/** Whether the change shows at the very way; where items have changed places, at the same field of another item. */
function shows(object: KubeObject, leaf: Leaf, id: number): boolean {
  const now = valueAtPath(object, leaf.path);
  if (equalJson(now, leaf.value)) return false;
  if (isChange(now, id)) return true;
  const fields = fieldsOf(leaf.path).join('/');
  return valueLeaves(object).some(
    (other) => fieldsOf(other.path).join('/').startsWith(fields) && isChange(other.value, id),
  );
}

function isChange(now: Json | undefined, id: number): boolean {
  if (now === undefined || now === null) return false;
  const text = typeof now === 'string' ? `${now} ${Buffer.from(now, 'base64').toString()}` : JSON.stringify(now);
  return text.includes(`changed${id}ByTest`) || now === numberOf(id);
}

function numberOf(id: number): number {
  return 77_000 + id;
}

function sameStem(a: KubeObject, b: KubeObject): boolean {
  const stem = (object: KubeObject): string => nameOf(object).replace(/-[a-z0-9]{10}$/, '');
  return a.metadata['namespace'] === b.metadata['namespace'] && stem(a) === stem(b);
}

function changed(text: string, location: Location, id: number): string {
  const lines = new LineIndex(text);
  const start = lines.offsetAt({ line: location.line ?? 1, column: location.column ?? 1 });
  const end = lines.offsetAt({ line: location.endLine ?? 1, column: location.endColumn ?? 1 });
  const old = text.slice(start, end);
  const word = `changed${id}ByTest`;
  let replacement = JSON.stringify(word);
  if (location.via === 'generator') replacement = word;
  else if (location.via === 'replica') replacement = String(numberOf(id));
  else if (old.startsWith('{')) replacement = `{"${word}": "x"}`;
  else if (old.startsWith('[')) replacement = `[{"name": "${word}"}]`;
  else if (/^["']?[\w./:-]+:[\w.-]+["']?$/.test(old) && location.via === 'manifest') {
    // An image keeps its name, which the images of a kustomization look for.
    replacement = `"${old.replace(/["']/g, '').replace(/:[^:]*$/, '')}:${word}"`;
  }
  return text.slice(0, start) + (start === end ? ' ' : '') + replacement + text.slice(end);
}

function isSpelledOut(value: Json, texts: ReadonlyMap<string, string>): boolean {
  if (typeof value === 'object') return true;
  const wanted = String(value).replace(/-[a-z0-9]{10}$/, '');
  for (const text of texts.values()) if (text.includes(wanted)) return true;
  const decoded = Buffer.from(String(value), 'base64').toString();
  for (const text of texts.values()) if (decoded !== '' && text.includes(decoded.trim())) return true;
  // A block of several lines is indented where it stands.
  const [first = ''] = wanted.split('\n');
  return wanted.includes('\n') && [...texts.values()].some((text) => text.includes(first));
}

function isIdentity(path: YamlPath): boolean {
  return (
    path.length === 1 ||
    (path.length === 2 && path[0] === 'metadata' && (path[1] === 'name' || path[1] === 'namespace'))
  );
}

function segmentOf(step: string | number): { field: string } | { index: number } {
  return typeof step === 'number' ? { index: step } : { field: step };
}
