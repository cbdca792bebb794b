import { buildFailure } from '../../core/kustomize/buildFailure.ts';
import { type KustomizeGraph, scanGraph } from '../../core/kustomize/graph.ts';
import type { Location } from '../../core/location.ts';
import type { Problem } from '../../core/problem.ts';
import { joinPath } from '../../core/repositoryPath.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import { ProcessError, type ProcessRunner } from '../../ports/processRunner.ts';
import type {
  LocateAnswer,
  LocateQuestion,
  RenderOptions,
  RenderResult,
  RenderedObject,
  Renderer,
} from '../../ports/renderer.ts';
import { LocateCache } from '../files/locateCache.ts';
import { PrivateCopy } from '../files/privateCopy.ts';
import { RenderCache, contentIds } from '../files/renderCache.ts';
import { buildWith } from './kustomizeBuild.ts';
import { KustomizeLocator } from './kustomizeLocator.ts';
import { originFiles, originWrapper } from './origins.ts';
import { type KustomizeProgram, findKustomize } from './kustomizeProgram.ts';
import { overlaidSource } from './overlaidSource.ts';
import { treeFiles } from './treeFiles.ts';

export interface KustomizeSettings {
  /** Path or name of the program; undefined looks for `kustomize`, then `kubectl`. */
  program?: string;
  allowRemote?: boolean;
  timeoutMilliseconds?: number;
}

/** Builds that one question may cost. A handful is usual: one for all fields, one for each kind of what is left. */
const maxBuilds = 24;

/** Renders kustomizations with the user's own `kustomize` or `kubectl` (design §3.1). Settings are read at each use. */
export class KustomizeRenderer implements Renderer {
  readonly kind = 'kustomize';
  readonly #runner: ProcessRunner;
  readonly #settings: () => KustomizeSettings;
  readonly #cache = new RenderCache<readonly RenderedObject[]>();
  readonly #answers = new LocateCache();
  readonly #programs = new Map<string, Promise<KustomizeProgram>>();

  constructor(runner: ProcessRunner, settings: () => KustomizeSettings = () => ({})) {
    this.#runner = runner;
    this.#settings = settings;
  }

  async render(from: FileTree, path: string, options: RenderOptions): Promise<RenderResult> {
    const { tree, original } = await overlaidSource(from, path, options.kustomize?.overlay, options.signal);
    const result = await this.#render(tree, path, options);
    return { ...result, problems: result.problems.map((problem) => inOriginal(problem, original)) };
  }

  async #render(tree: FileTree, path: string, options: RenderOptions): Promise<RenderResult> {
    const settings = this.#settings();
    const allowRemote = settings.allowRemote ?? false;
    const graph = await scanGraph(treeFiles(tree, options.signal), path, { allowRemote });
    const files = graph.paths;
    if (graph.problems.some((problem) => problem.severity === 'error')) {
      return { objects: [], problems: graph.problems, files };
    }
    try {
      const objects = await this.#objects(tree, path, graph, options);
      return { objects, problems: graph.problems, files };
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!ProcessError.is(error)) throw error;
      return { objects: [], problems: [...graph.problems, problemOf(error, graph)], files };
    }
  }

  async locate(
    from: FileTree,
    path: string,
    questions: readonly LocateQuestion[],
    options: RenderOptions,
  ): Promise<LocateAnswer[]> {
    const { tree, original } = await overlaidSource(from, path, options.kustomize?.overlay, options.signal);
    const answers = await this.#locate(tree, path, questions, options);
    return answers.map(({ object, fields }) => {
      const own = object && original(object);
      // What the engine's fields decide stands in no file of the source; the object is the nearest that does.
      const places = fields.map((field) => (field && original(field)) ?? own);
      return { ...(own === undefined ? {} : { object: own }), fields: places };
    });
  }

  async #locate(
    tree: FileTree,
    path: string,
    questions: readonly LocateQuestion[],
    options: RenderOptions,
  ): Promise<LocateAnswer[]> {
    const settings = this.#settings();
    const allowRemote = settings.allowRemote ?? false;
    const graph = await scanGraph(treeFiles(tree, options.signal), path, { allowRemote });
    const unanswered = questions.map((question) => ({ fields: question.fields.map(() => undefined) }));
    if (graph.problems.some((problem) => problem.severity === 'error')) return unanswered;
    try {
      const program = await this.#program(settings);
      const scope = scopeOf(path, program, options, allowRemote);
      const paths = [...graph.paths, ...graph.absent];
      return await this.#answers.answer(scope, tree, paths, questions, (open) =>
        this.#ask(tree, path, graph, program, open, options),
      );
    } catch (error) {
      options.signal?.throwIfAborted();
      // The render itself says what is wrong with the source; here there is only no answer.
      if (ProcessError.is(error)) return unanswered;
      throw error;
    }
  }

  async #ask(
    tree: FileTree,
    path: string,
    graph: KustomizeGraph,
    program: KustomizeProgram,
    questions: readonly LocateQuestion[],
    options: RenderOptions,
  ): Promise<LocateAnswer[]> {
    const settings = this.#settings();
    const copy = await PrivateCopy.make(tree, graph.paths, options.signal);
    const build = buildWith(this.#runner, program);
    const inner = joinPath('', path) ?? '';
    const common = {
      unrestricted: options.kustomize?.unrestricted ?? false,
      allowRemote: settings.allowRemote ?? false,
      timeoutMilliseconds: settings.timeoutMilliseconds,
    };
    try {
      const locator = new KustomizeLocator({
        graph,
        maxBuilds,
        build: async (texts) => {
          await copy.set(texts);
          return build({ ...common, directory: copy.directory, path: inner }, options.signal);
        },
        origins: async (objects) => {
          await copy.set(new Map());
          await copy.writeAside('kustomization.yaml', originWrapper(inner));
          const built = await build({ ...common, directory: copy.aside, path: '' }, options.signal);
          return originFiles(objects, built);
        },
      });
      return await locator.locate(questions);
    } finally {
      await copy.dispose();
    }
  }

  async #objects(
    tree: FileTree,
    path: string,
    graph: KustomizeGraph,
    options: RenderOptions,
  ): Promise<readonly RenderedObject[]> {
    const settings = this.#settings();
    const program = await this.#program(settings);
    const unrestricted = options.kustomize?.unrestricted ?? false;
    const allowRemote = settings.allowRemote ?? false;
    const scope = scopeOf(path, program, options, allowRemote);
    const known = await this.#cache.get(scope, tree);
    if (known !== undefined) return known;
    const ids = await contentIds(tree, [...graph.paths, ...graph.absent]);
    const build = buildWith(this.#runner, program);
    // Read once: with unsaved editors it comes and goes while a file is dirty.
    const { directory } = tree;
    // Without a folder on disk (a virtual workspace, unsaved editors) the files that matter are copied to one.
    const copy = directory === undefined ? await PrivateCopy.make(tree, graph.paths, options.signal) : undefined;
    try {
      const built = await build(
        {
          directory: directory ?? copy?.directory ?? '',
          path: joinPath('', path) ?? '',
          unrestricted,
          allowRemote,
          timeoutMilliseconds: settings.timeoutMilliseconds,
        },
        options.signal,
      );
      const objects = built.map((object) => ({ object }));
      // What comes from the network may be another thing the next time.
      if (!allowRemote) await this.#cache.put(scope, tree, ids, objects);
      return objects;
    } finally {
      await copy?.dispose();
    }
  }

  /** Shared by all that ask meanwhile, so nobody's cancellation ends it; it takes a moment. */
  #program(settings: KustomizeSettings): Promise<KustomizeProgram> {
    const key = settings.program ?? '';
    let program = this.#programs.get(key);
    if (program === undefined) {
      program = findKustomize(this.#runner, settings.program);
      this.#programs.set(key, program);
      // What was not found may be installed a minute later.
      program.catch(() => this.#programs.delete(key));
    }
    return program;
  }
}

/** All that a build depends on besides files. */
function scopeOf(path: string, program: KustomizeProgram, options: RenderOptions, allowRemote: boolean): string {
  const unrestricted = options.kustomize?.unrestricted ?? false;
  return JSON.stringify([joinPath('', path), program.command, program.version, unrestricted, allowRemote]);
}

function inOriginal(problem: Problem, original: (location: Location) => Location | undefined): Problem {
  const { location, ...rest } = problem;
  const place = location && original(location);
  return place === undefined ? rest : { ...rest, location: place };
}

function problemOf(error: ProcessError, graph: KustomizeGraph): Problem {
  switch (error.reason) {
    case 'not-found':
      return {
        code: 'missing-binary',
        severity: 'error',
        message: error.message,
        ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
      };
    case 'timeout':
      return {
        code: 'render-timeout',
        severity: 'error',
        message: error.message,
        remedy: 'Raise the time limit in the settings, or look for a base that is very large.',
      };
    case 'too-much-output':
      return { code: 'too-large', severity: 'error', message: error.message, remedy: 'Split the application.' };
    case 'failed':
      return buildFailure(error.stderr || error.message, graph);
  }
}
