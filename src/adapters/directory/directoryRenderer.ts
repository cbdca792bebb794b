import { equalJson } from '../../core/json.ts';
import { describeKey, keyOf, keyText } from '../../core/kube/objectKey.ts';
import { mapLimited } from '../../core/mapLimited.ts';
import type { Problem } from '../../core/problem.ts';
import { joinPath } from '../../core/repositoryPath.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import type {
  LocateAnswer,
  LocateQuestion,
  RenderOptions,
  RenderResult,
  RenderedObject,
  Renderer,
} from '../../ports/renderer.ts';
import { blobId } from '../files/blobId.ts';
import { LocatedFile } from './locatedFile.ts';
import { argoFiles } from './argoFiles.ts';
import { manifestFiles } from './manifestFiles.ts';
import { type ReadFile, readManifestFile } from './readManifestFile.ts';

/** Plain manifests below a path, as `kubectl apply --recursive --filename` takes them. Files that are no manifests are left alone. */
export class DirectoryRenderer implements Renderer {
  readonly kind = 'directory';
  /** What was read of each file, by its content, the latest last: a file that did not change costs nothing. */
  readonly #read = new Map<string, Map<string, ReadFile>>();

  async render(tree: FileTree, path: string, options: RenderOptions): Promise<RenderResult> {
    const folder = joinPath('', path);
    if (folder === undefined) {
      const message = `${path} is outside of the repository`;
      return { objects: [], files: [], problems: [{ code: 'outside-repository', severity: 'error', message }] };
    }
    const listed = await tree.list(folder, options.signal);
    const files =
      options.directory === undefined
        ? await manifestFiles(tree, listed, options.signal)
        : await argoFiles(tree, listed, folder, options.directory, options.signal);
    const objects: RenderedObject[] = [];
    const problems: Problem[] = [];
    const seen = new Map<string, RenderedObject>();
    const { signal } = options;
    for (const read of await mapLimited(files, filesAtOnce, (file) => this.#file(tree, file, signal), signal)) {
      problems.push(...read.problems);
      for (const object of read.objects) {
        const key = keyText(keyOf(object.object));
        const first = seen.get(key);
        if (first === undefined) seen.set(key, object);
        else problems.push(await this.#duplicate(tree, first, object));
        objects.push(object);
      }
    }
    if (listed.length === 0) problems.push(noFiles(path));
    return { objects, problems, files };
  }

  async locate(tree: FileTree, _path: string, questions: readonly LocateQuestion[]): Promise<LocateAnswer[]> {
    const files = new Map<string, LocatedFile | undefined>();
    const answers: LocateAnswer[] = [];
    for (const { object, fields } of questions) {
      const { file } = object;
      if (file !== undefined && !files.has(file)) files.set(file, await LocatedFile.read(tree, file));
      const located = file === undefined ? undefined : files.get(file);
      const own = located?.objectPlace(object);
      answers.push({
        ...(own === undefined ? {} : { object: own }),
        fields: fields.map((segments) => located?.fieldPlace(object, segments) ?? own),
      });
    }
    return answers;
  }

  /** kubectl applies both, the later over the earlier; that is seldom what was meant (and an error to Argo CD). */
  async #duplicate(tree: FileTree, first: RenderedObject, second: RenderedObject): Promise<Problem> {
    const [answer] = await this.locate(tree, '', [{ object: second, fields: [] }]);
    const [other] = await this.locate(tree, '', [{ object: first, fields: [] }]);
    const where = `${first.file ?? ''}:${other?.object?.line ?? 1}`;
    return {
      code: 'duplicate-object',
      severity: 'warning',
      message: `${describeKey(keyOf(second.object))} is declared twice, first in ${where}; the later one is applied over it`,
      remedy: 'Keep one of them.',
      object: keyOf(second.object),
      ...(answer?.object === undefined ? {} : { location: answer.object }),
    };
  }

  async #file(tree: FileTree, file: string, signal?: AbortSignal): Promise<ReadFile> {
    const versions = this.#read.get(file) ?? new Map<string, ReadFile>();
    // What is seen for the first time has to be read whatever it is.
    const bytes = versions.size === 0 ? await tree.read(file, signal) : undefined;
    const fingerprint = bytes === undefined ? ((await tree.fingerprint(file)) ?? '') : blobId(bytes);
    const known = versions.get(fingerprint);
    const read =
      known ??
      keepEqual(
        await readManifestFile(tree, file, bytes ?? (await tree.read(file, signal))),
        [...versions.values()].at(-1),
      );
    versions.delete(fingerprint);
    versions.set(fingerprint, read);
    if (versions.size > versionsKept) versions.delete(versions.keys().next().value ?? '');
    this.#read.set(file, versions);
    return read;
  }
}

/** The disk reads some while others are parsed. */
const filesAtOnce = 16;

/** Of one file: what commits of a preview have of it, and the last keystrokes. */
const versionsKept = 32;

/** A document that is what it was stays the same value, so that what is known of it stays known: a keystroke is about one. */
function keepEqual(now: ReadFile, before: ReadFile | undefined): ReadFile {
  if (before === undefined) return now;
  const objects = now.objects.map((item, index) => {
    const earlier = before.objects[index];
    const isSame =
      earlier !== undefined &&
      earlier.documentIndex === item.documentIndex &&
      earlier.itemIndex === item.itemIndex &&
      equalJson(earlier.object, item.object);
    return isSame ? earlier : item;
  });
  return { ...now, objects };
}

function noFiles(path: string): Problem {
  return {
    code: 'missing-file',
    severity: 'error',
    message: `${path === '' ? 'the repository' : path} has no files`,
    remedy: 'Correct the path of the application, or add its manifests.',
  };
}
