import { type TextProblem, readManifests } from '../../core/manifest/readManifests.ts';
import type { Problem } from '../../core/problem.ts';
import { LineIndex } from '../../core/text/lineIndex.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import type { RenderedObject } from '../../ports/renderer.ts';

/** The objects of a file, and what is wrong with it. */
export interface ReadFile {
  objects: readonly RenderedObject[];
  problems: readonly Problem[];
}

/** A file that names neither is no manifest, so nothing about it is anybody's problem (semantics Y-10, peers 4.9). */
const manifestLike = /(^|[\s{,"'-])apiVersion["']?\s*:/m;

/** `bytes`: what the tree has at the path; undefined where there is nothing to read. */
export async function readManifestFile(tree: FileTree, file: string, bytes: Uint8Array | undefined): Promise<ReadFile> {
  if (bytes === undefined) return withheld(tree, file);
  const text = decode(bytes);
  if (text === undefined) {
    return failed('not-text', file, `${file} is not UTF-8 text`, 'Save it as UTF-8.', 1);
  }
  if (text.startsWith('version https://git-lfs.github.com/spec/v1')) {
    return failed(
      'lfs-pointer',
      file,
      `${file} is a Git LFS pointer, not its content`,
      'Keep manifests out of LFS.',
      1,
    );
  }
  if (!manifestLike.test(text)) return { objects: [], problems: [] };
  const { documents, problems } = readManifests(text, { profile: 'raw' });
  return {
    objects: documents.map(({ object, documentIndex, itemIndex }) => ({
      object,
      file,
      documentIndex,
      ...(itemIndex === undefined ? {} : { itemIndex }),
    })),
    problems: problems.length === 0 ? [] : inFile(problems, file, new LineIndex(text)),
  };
}

function inFile(problems: readonly TextProblem[], file: string, lines: LineIndex): Problem[] {
  return problems.map(({ span, message, ...problem }) => {
    const start = lines.positionAt(span.start);
    const end = lines.positionAt(span.end);
    return {
      ...problem,
      message: `${file}: ${message}`,
      location: {
        file,
        line: start.line,
        column: start.column,
        endLine: end.line,
        endColumn: end.column,
        via: 'manifest',
      },
    };
  });
}

/** Undefined for what is no UTF-8, or is binary: YAML has no NUL. A byte order mark is taken off. */
function decode(bytes: Uint8Array): string | undefined {
  if (bytes.subarray(0, 8_000).includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

async function withheld(tree: FileTree, file: string): Promise<ReadFile> {
  switch (await tree.withheld(file)) {
    case 'submodule':
      return failed(
        'submodule',
        file,
        `${file} is in a submodule, whose files are not here`,
        'Check out the submodule.',
      );
    case 'outside-repository':
      return failed(
        'outside-repository',
        file,
        `${file} leads out of the repository`,
        'Copy the file into the repository.',
      );
    case 'too-large':
      return failed('too-large', file, `${file} is larger than 50 MiB`, 'Move it out of the folder of manifests.');
    case undefined:
      // It was listed and is gone by now: a refresh is on its way.
      return { objects: [], problems: [] };
  }
}

function failed(code: Problem['code'], file: string, message: string, remedy: string, line?: number): ReadFile {
  const location = { file, via: 'manifest', ...(line === undefined ? {} : { line, column: 1 }) } as const;
  return { objects: [], problems: [{ code, severity: 'error', message, remedy, location }] };
}
