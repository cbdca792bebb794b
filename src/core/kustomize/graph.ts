import type { Location } from '../location.ts';
import type { Problem } from '../problem.ts';
import { baseName, joinPath } from '../repositoryPath.ts';
import { LineIndex } from '../text/lineIndex.ts';
import type { Span } from '../text/span.ts';
import {
  type Kustomization,
  type Reference,
  kustomizationNames,
  readKustomization,
  readPluginReferences,
} from './kustomization.ts';
import { isRemote, looksRemote } from './remoteBase.ts';
import { parseYamlTree } from './yamlTree.ts';

/** What the scan needs of a FileTree, with text decoded. */
export interface GraphFiles {
  read(path: string): Promise<string | undefined>;
  withheld(path: string): Promise<'submodule' | 'outside-repository' | 'too-large' | undefined>;
  list(below: string): Promise<string[]>;
}

/** What a file does in the build; a file may do several things. */
export interface GraphFile {
  path: string;
  role: 'kustomization' | 'setting' | Reference['kind'];
  text: string;
  /** For generator inputs: the key that the content is stored under. */
  key?: string;
  /** The kustomization that refers to it; for a kustomization the one that includes it. */
  by: string | undefined;
  /** Only for kustomizations. */
  kustomization?: Kustomization;
}

export interface KustomizeGraph {
  /** In the order in which kustomize comes to them: a base before what the overlay adds. */
  files: readonly GraphFile[];
  /** Paths of all files that the build reads, sorted. */
  paths: readonly string[];
  /** Places where a file would change the build if it came to be. */
  absent: readonly string[];
  problems: readonly Problem[];
}

export interface GraphOptions {
  /** Remote entries pass without being read. */
  allowRemote: boolean;
}

const lfsPointer = 'version https://git-lfs.github.com/spec/v1';
/** Remote entries and build options that would fetch are refused unless the user allows them. */
const remoteRemedy =
  'Copy it into the repository, or allow remote bases in the settings; then every render fetches what is there at that moment.';

/** Walks everything that a kustomization refers to, before anything is built (design §3.1). Never throws for bad input. */
export async function scanGraph(files: GraphFiles, folder: string, options: GraphOptions): Promise<KustomizeGraph> {
  const scan = new GraphScan(files, options);
  const root = joinPath('', folder);
  if (root === undefined) {
    const message = `${folder} is outside of the repository`;
    return { files: [], paths: [], absent: [], problems: [{ code: 'outside-repository', severity: 'error', message }] };
  }
  await scan.enterRoot(root);
  return scan.result();
}

class GraphScan {
  readonly #files: GraphFiles;
  readonly #options: GraphOptions;
  readonly #found: GraphFile[] = [];
  readonly #problems: Problem[] = [];
  readonly #paths = new Set<string>();
  readonly #absent = new Set<string>();
  readonly #lines = new Map<string, LineIndex>();

  constructor(files: GraphFiles, options: GraphOptions) {
    this.#files = files;
    this.#options = options;
  }

  result(): KustomizeGraph {
    return {
      files: this.#found,
      paths: [...this.#paths].sort(),
      absent: [...this.#absent].sort(),
      problems: this.#problems,
    };
  }

  async enterRoot(folder: string): Promise<void> {
    if (await this.#enter(folder, undefined, [])) return;
    const name = folder === '' ? 'the root of the repository' : folder;
    const why = await this.#files.withheld(folder);
    if (why === 'submodule') {
      this.#problem('submodule', `${name} is in a submodule, whose files are not here`, 'Check out the submodule.');
    } else if (why === 'outside-repository') {
      this.#problem('outside-repository', `${name} leads out of the repository`, 'Use a folder of the repository.');
    } else {
      const remedy = `Add a kustomization.yaml to ${name}, or point the application elsewhere.`;
      this.#problem('missing-file', `${name} has no kustomization.yaml`, remedy);
    }
  }

  /** Reads the kustomization of a folder and all below it. False where the folder has none. */
  async #enter(folder: string, by: string | undefined, above: readonly string[]): Promise<boolean> {
    const candidates = kustomizationNames.map((name) => (folder === '' ? name : `${folder}/${name}`));
    const present: { path: string; text: string }[] = [];
    for (const path of candidates) {
      const text = await this.#files.read(path);
      if (text === undefined) this.#absent.add(path);
      else present.push({ path, text });
    }
    const [first, second] = present;
    if (first === undefined) return false;
    const { path, text } = first;
    this.#note(path, text);
    if (second !== undefined) {
      const message = `${folder || 'the root'} has both ${baseName(path)} and ${baseName(second.path)}`;
      this.#problem('invalid-kustomization', message, 'Keep one of them.', this.#at(second.path, second.text));
      return true;
    }
    if (text.startsWith(lfsPointer)) {
      this.#lfs(path, this.#at(path, text));
      return true;
    }
    const kustomization = readKustomization(text);
    for (const issue of kustomization.issues) {
      const message = `${path}: ${issue.message}`;
      this.#problem('invalid-kustomization', message, 'Correct the kustomization.', this.#at(path, text, issue.span));
    }
    for (const chart of kustomization.remoteCharts) {
      if (this.#options.allowRemote) continue;
      const message = `${path}: the chart ${chart.name} is not in the repository`;
      this.#problem('chart-not-local', message, remoteRemedy, this.#at(path, text, chart.span));
    }
    const chain = [...above, folder];
    for (const reference of kustomization.references) await this.#follow(reference, folder, { path, text }, chain);
    for (const inline of kustomization.inlines) {
      if (inline.kind !== 'plugin') continue;
      const content = (inline.node as { value?: unknown }).value;
      await this.#plugin(String(content), folder, { path, text }, chain);
    }
    this.#found.push({ path, role: 'kustomization', text, by, kustomization });
    return true;
  }

  async #follow(
    reference: Reference,
    folder: string,
    from: { path: string; text: string },
    chain: readonly string[],
  ): Promise<void> {
    const location = this.#at(from.path, from.text, reference.span);
    // kustomize takes these for remote before it looks for a local folder of that name.
    if (isRemote(reference.path)) {
      this.#remote(reference.path, location);
      return;
    }
    const target = joinPath(folder, reference.path);
    const text = target === undefined ? undefined : await this.#files.read(target);
    if (target !== undefined && text !== undefined) {
      if (text.startsWith(lfsPointer)) this.#lfs(target, location);
      this.#note(target, text);
      this.#found.push({
        path: target,
        role: reference.kind,
        text,
        by: from.path,
        ...(reference.key === undefined ? {} : { key: reference.key }),
      });
      if (reference.kind === 'plugin') await this.#plugin(text, folder, { path: target, text }, chain);
      return;
    }
    if (reference.kind === 'chart-home' && target !== undefined) {
      for (const path of await this.#files.list(target)) this.#paths.add(path);
      return;
    }
    const isFolder = ['resource', 'component', 'plugin'].includes(reference.kind);
    if (target !== undefined && isFolder && (await this.#enterBase(target, reference, from.path, location, chain)))
      return;
    await this.#unresolved(reference, target, location);
  }

  async #enterBase(
    target: string,
    reference: Reference,
    by: string,
    location: Location,
    chain: readonly string[],
  ): Promise<boolean> {
    if (chain.includes(target)) {
      const circle = [...chain.slice(chain.indexOf(target)), target].map((folder) => folder || '.').join(' → ');
      this.#problem('cycle', `${reference.path} includes itself: ${circle}`, 'Take one of the bases out.', location);
      return true;
    }
    return this.#enter(target, by, chain);
  }

  async #unresolved(reference: Reference, target: string | undefined, location: Location): Promise<void> {
    const name = reference.path;
    if (looksRemote(name)) {
      this.#remote(name, location);
      return;
    }
    const why = target === undefined ? 'outside-repository' : await this.#files.withheld(target);
    if (why === 'outside-repository') {
      const remedy = 'Copy the file into the repository.';
      this.#problem('outside-repository', `${name} is outside of the repository`, remedy, location);
    } else if (why === 'submodule') {
      const remedy = 'Check out the submodule, or copy the files into the repository.';
      this.#problem('submodule', `${name} is in a submodule, whose files are not here`, remedy, location);
    } else if (why === 'too-large') {
      this.#problem('too-large', `${name} is larger than 50 MiB`, 'Take it out of the kustomization.', location);
    } else {
      if (target !== undefined) this.#absent.add(target);
      const folderHint = ['resource', 'component'].includes(reference.kind)
        ? ', and no folder with a kustomization'
        : '';
      const remedy = 'Correct the path, or add the file.';
      this.#problem('missing-file', `${name} is no file${folderHint}`, remedy, location);
    }
  }

  /** Builtin transformers and generators may refer to files, from the folder of the kustomization that lists them. */
  async #plugin(
    content: string,
    folder: string,
    from: { path: string; text: string },
    chain: readonly string[],
  ): Promise<void> {
    for (const document of parseYamlTree(content).documents) {
      for (const reference of readPluginReferences(document)) {
        // Places inside of an inline document would need translating; the line of the kustomization is near enough.
        const span = content === from.text ? reference.span : { start: 0, end: 0 };
        await this.#follow({ ...reference, span }, folder, from, chain);
      }
    }
  }

  #remote(name: string, location: Location): void {
    if (this.#options.allowRemote) return;
    this.#problem('remote-base', `${name} is not in the repository and would be fetched`, remoteRemedy, location);
  }

  #note(path: string, text: string): void {
    this.#paths.add(path);
    if (!this.#lines.has(path)) this.#lines.set(path, new LineIndex(text));
  }

  #at(path: string, text: string, span: Span = { start: 0, end: 0 }): Location {
    const lines = this.#lines.get(path) ?? new LineIndex(text);
    return locationOf(path, lines, span);
  }

  #lfs(path: string, location: Location): void {
    const message = `${path} is a Git LFS pointer, not its content`;
    this.#problem('lfs-pointer', message, 'Keep files that kustomize reads out of LFS.', location);
  }

  #problem(code: Problem['code'], message: string, remedy: string, location?: Location): void {
    this.#problems.push({ code, severity: 'error', message, remedy, ...(location === undefined ? {} : { location }) });
  }
}

export function locationOf(file: string, lines: LineIndex, span: Span, via: Location['via'] = 'manifest'): Location {
  const start = lines.positionAt(span.start);
  const end = lines.positionAt(span.end);
  return { file, line: start.line, column: start.column, endLine: end.line, endColumn: end.column, via };
}

/** The kustomization files among the files of a folder, for finding applications. */
export function isKustomizationFile(path: string): boolean {
  return (kustomizationNames as readonly string[]).includes(baseName(path));
}
