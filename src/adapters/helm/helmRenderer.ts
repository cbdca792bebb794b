import type { KubeObject } from '../../core/kube/objectKey.ts';
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
import { chartFailure, templateFile } from './chartFailure.ts';
import { templateCommand } from './helmCommand.ts';
import { locateValues } from './helmLocator.ts';
import type { TemplatedObject } from './templatedObjects.ts';

export interface HelmSettings {
  /** Path or name of the program; undefined looks for `helm`. */
  program?: string;
  timeoutMilliseconds?: number;
}

/** Builds that one question may cost. */
const maxBuilds = 24;

/** Renders charts that are in the repository with the user's own `helm` (design §3.1). Settings are read at each use. */
export class HelmRenderer implements Renderer {
  readonly kind = 'helm';
  readonly #runner: ProcessRunner;
  readonly #settings: () => HelmSettings;
  readonly #cache = new RenderCache<readonly RenderedObject[]>();
  readonly #answers = new LocateCache();
  readonly #versions = new Map<string, string>();

  constructor(runner: ProcessRunner, settings: () => HelmSettings = () => ({})) {
    this.#runner = runner;
    this.#settings = settings;
  }

  async render(tree: FileTree, path: string, options: RenderOptions): Promise<RenderResult> {
    const { files, problems } = await chartFiles(tree, path, options);
    if (problems.length > 0) return { objects: [], problems, files };
    try {
      return { objects: await this.#objects(tree, path, files, options), problems, files };
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!ProcessError.is(error)) throw error;
      return { objects: [], problems: [problemOf(error, joinPath('', path) ?? '')], files };
    }
  }

  async locate(
    tree: FileTree,
    path: string,
    questions: readonly LocateQuestion[],
    options: RenderOptions,
  ): Promise<LocateAnswer[]> {
    const unanswered = questions.map(({ object, fields }) => {
      const place = object.file === undefined ? undefined : ({ file: object.file, via: 'template' } as const);
      return { ...(place === undefined ? {} : { object: place }), fields: fields.map(() => place) };
    });
    const { files, problems } = await chartFiles(tree, path, options);
    if (problems.length > 0) return unanswered;
    try {
      const scope = await this.#scope(path, files, options);
      return await this.#answers.answer(scope, tree, files, questions, (open) =>
        this.#ask(tree, path, files, open, options),
      );
    } catch (error) {
      options.signal?.throwIfAborted();
      if (ProcessError.is(error)) return unanswered;
      throw error;
    }
  }

  async #ask(
    tree: FileTree,
    path: string,
    files: readonly string[],
    questions: readonly LocateQuestion[],
    options: RenderOptions,
  ): Promise<LocateAnswer[]> {
    const copy = await PrivateCopy.make(tree, files, options.signal);
    try {
      return await locateValues({
        tree,
        chart: joinPath('', path) ?? '',
        valuesFiles: options.helm?.valuesFiles ?? [],
        questions,
        maxBuilds,
        build: async (texts) => {
          await copy.set(texts);
          const built = await this.#template(copy.directory, path, options);
          return built.map(({ object }) => object);
        },
      });
    } finally {
      await copy.dispose();
    }
  }

  async #objects(
    tree: FileTree,
    path: string,
    files: readonly string[],
    options: RenderOptions,
  ): Promise<readonly RenderedObject[]> {
    const scope = await this.#scope(path, files, options);
    const known = await this.#cache.get(scope, tree);
    if (known !== undefined) return known;
    const ids = await contentIds(tree, files);
    const { directory } = tree;
    const copy = directory === undefined ? await PrivateCopy.make(tree, files, options.signal) : undefined;
    try {
      const built = await this.#template(directory ?? copy?.directory ?? '', path, options);
      const chart = joinPath('', path) ?? '';
      const objects = built.map(({ object, source }) => rendered(object, source, chart, files));
      await this.#cache.put(scope, tree, ids, objects);
      return objects;
    } finally {
      await copy?.dispose();
    }
  }

  /** All that a render depends on besides contents: a new file in the chart is part of it as well. */
  async #scope(path: string, files: readonly string[], options: RenderOptions): Promise<string> {
    const version = await this.#version(this.#settings(), options.signal);
    return JSON.stringify([path, version, options.namespace, options.helm, files], (_, value: unknown) =>
      typeof value === 'bigint' ? `${String(value)}n` : value,
    );
  }

  #template(directory: string, path: string, options: RenderOptions): Promise<TemplatedObject[]> {
    const settings = this.#settings();
    const spec = templateCommand({
      program: settings.program ?? 'helm',
      directory,
      chart: joinPath('', path) ?? '',
      namespace: options.namespace,
      helm: options.helm ?? {},
      timeoutMilliseconds: settings.timeoutMilliseconds,
    });
    return this.#runner.run(spec, options.signal);
  }

  async #version(settings: HelmSettings, signal?: AbortSignal): Promise<string> {
    const program = settings.program ?? 'helm';
    const known = this.#versions.get(program);
    if (known !== undefined) return known;
    const spec = { command: program, args: ['version', '--short'], parse: (text: string) => text.trim() };
    const version = await this.#runner.run(spec, signal);
    this.#versions.set(program, version);
    return version;
  }
}

function rendered(
  object: KubeObject,
  source: string | undefined,
  chart: string,
  files: readonly string[],
): RenderedObject {
  const file = source === undefined ? undefined : templateFile(source, chart, files);
  return { object, ...(file === undefined ? {} : { file }) };
}

/** The files that Helm reads: all of the chart, and the values. Helm follows links, so none may leave the repository. */
async function chartFiles(
  tree: FileTree,
  path: string,
  options: RenderOptions,
): Promise<{ files: string[]; problems: Problem[] }> {
  const problems: Problem[] = [];
  const problem = (code: Problem['code'], message: string, remedy: string, file?: string): void => {
    const location = file === undefined ? {} : { location: { file, via: 'template' } as const };
    problems.push({ code, severity: 'error', message, remedy, ...location });
  };
  const chart = joinPath('', path);
  if (chart === undefined) {
    problem('outside-repository', `${path} is outside of the repository`, 'Use a chart of the repository.');
    return { files: [], problems };
  }
  const files = await tree.list(chart, options.signal);
  const manifest = chart === '' ? 'Chart.yaml' : `${chart}/Chart.yaml`;
  if (!files.includes(manifest)) {
    problem('missing-file', `${chart || 'the root'} has no Chart.yaml`, 'Correct the path of the chart.');
  }
  for (const file of files) {
    const why = await tree.withheld(file);
    if (why === 'outside-repository') {
      problem('outside-repository', `${file} leads out of the repository`, 'Copy the file into the chart.', file);
    }
  }
  for (const file of options.helm?.valuesFiles ?? []) {
    const inner = joinPath('', file);
    if (inner === undefined) {
      problem('outside-repository', `${file} is outside of the repository`, 'Copy the values into the repository.');
    } else if ((await tree.fingerprint(inner)) === undefined) {
      problem(
        'missing-file',
        `${file} is no file of the repository`,
        'Correct the list of values files, or add the file.',
      );
    } else files.push(inner);
  }
  return { files: [...new Set(files)].sort(), problems };
}

function problemOf(error: ProcessError, chart: string): Problem {
  const remedy = error.remedy === undefined ? {} : { remedy: error.remedy };
  switch (error.reason) {
    case 'not-found':
      return { code: 'missing-binary', severity: 'error', message: error.message, ...remedy };
    case 'timeout':
      return {
        code: 'render-timeout',
        severity: 'error',
        message: error.message,
        remedy: 'Raise the time limit in the settings, or look for a template that loops.',
      };
    case 'too-much-output':
      return { code: 'too-large', severity: 'error', message: error.message, remedy: 'Split the chart.' };
    case 'failed':
      return chartFailure(error.stderr || error.message, chart);
  }
}
