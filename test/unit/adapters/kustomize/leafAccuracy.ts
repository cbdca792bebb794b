import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import { KustomizeRenderer } from '../../../../src/adapters/kustomize/kustomizeRenderer.ts';
import { buildWith } from '../../../../src/adapters/kustomize/kustomizeBuild.ts';
import { findKustomize } from '../../../../src/adapters/kustomize/kustomizeProgram.ts';
import { PrivateCopy } from '../../../../src/adapters/files/privateCopy.ts';
import { equalJson, type Json } from '../../../../src/core/json.ts';
import { describeKey, keyOf, type KubeObject } from '../../../../src/core/kube/objectKey.ts';
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
  const questions = rendered.objects.filter(({ object }) => admits(object)).map((object) => {
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
  const places = new Map<string, { location: Location; leaves: { object: KubeObject; path: YamlPath; value: Json }[] }>();
  questions.forEach((question, index) => {
    question.leaves.forEach((leaf, at) => {
      accuracy.leaves += 1;
      const location = answers[index]?.fields[at];
      const label = `${describeKey(keyOf(question.object.object))} ${leaf.path.join('.')} = ${JSON.stringify(leaf.value).slice(0, 60)}`;
      if (!isSpelledOut(leaf.value, texts)) {
        accuracy.nowhere += 1;
        return;
      }
      if (location?.line === undefined) {
        accuracy.wrong.push(`${label}: no answer`);
        return;
      }
      const key = `${location.file}:${location.line}:${location.column ?? 0}`;
      const place = places.get(key) ?? { location, leaves: [] };
      place.leaves.push({ object: question.object.object, path: leaf.path, value: leaf.value });
      places.set(key, place);
    });
  });
  let turn = 0;
  for (const { location, leaves } of places.values()) {
    turn += 1;
    if (turn % sample !== 0) {
      accuracy.leaves -= leaves.length;
      continue;
    }
    const text = texts.get(location.file) ?? '';
    await copy.set(new Map([[location.file, perturbed(text, location)]]));
    const built = await rebuild();
    for (const leaf of leaves) {
      const candidates = built.filter((other) => other.kind === leaf.object.kind && sameStem(other, leaf.object));
      const changed = candidates.some((twin) => shows(twin, leaf.path, leaf.value));
      if (candidates.length > 0 && changed) accuracy.right += 1;
      else {
        const label = `${describeKey(keyOf(leaf.object))} ${leaf.path.join('.')} = ${JSON.stringify(leaf.value).slice(0, 60)}`;
        accuracy.wrong.push(`${label}: ${location.file}:${location.line}:${location.column ?? 0} (${location.via}) ${built.length === 0 ? 'build failed' : ''}`);
      }
    }
  }
  await copy.dispose();
  return accuracy;
}

/** Whether the change shows at the very way; where items have changed places, at the same field of another item. */
function shows(object: KubeObject, path: YamlPath, value: Json): boolean {
  const now = valueAtPath(object, path);
  if (equalJson(now, value)) return false;
  if (isChange(now, value)) return true;
  const fields = fieldsOf(path).join('/');
  return valueLeaves(object).some((leaf) => fieldsOf(leaf.path).join('/').startsWith(fields) && isChange(leaf.value, value));
}

function isChange(now: Json | undefined, before: Json): boolean {
  if (now === undefined || now === null) return false;
  const text = typeof now === 'string' && !now.includes('hanged') ? Buffer.from(now, 'base64').toString() : JSON.stringify(now);
  return text.includes('hanged') || (typeof now !== 'object' && Number(now) === Number(before) + 1);
}

function sameStem(a: KubeObject, b: KubeObject): boolean {
  const stem = (object: KubeObject): string => String(object.metadata['name']).replace(/-[a-z0-9]{10}$/, '');
  return a.metadata['namespace'] === b.metadata['namespace'] && stem(a) === stem(b);
}

function perturbed(text: string, location: Location): string {
  const lines = new LineIndex(text);
  const start = lines.offsetAt({ line: location.line ?? 1, column: location.column ?? 1 });
  const end = lines.offsetAt({ line: location.endLine ?? 1, column: location.endColumn ?? 1 });
  const old = text.slice(start, end);
  let replacement = '"changedByTest"';
  if (location.via === 'generator') replacement = 'changedByTest';
  else if (/^\d+$/.test(old)) replacement = String(Number(old) + 1);
  else if (old.startsWith('{')) replacement = '{"changed": "byTest"}';
  else if (old.startsWith('[')) replacement = '["changed"]';
  else if (/^["']?[\w./-]+:[\w.-]+["']?$/.test(old) && location.via === 'manifest') {
    replacement = `"${old.replace(/["']/g, '').replace(/:[^:]*$/, '')}:changed"`;
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
  return path.length === 1 || (path.length === 2 && path[0] === 'metadata' && (path[1] === 'name' || path[1] === 'namespace'));
}

function segmentOf(step: string | number): { field: string } | { index: number } {
  return typeof step === 'number' ? { index: step } : { field: step };
}
