import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { UsageError } from './usageError.ts';

export type OutputFormat = 'text' | 'json';

/** What every reporting command takes (design §5). */
export interface CommonOptions {
  /** Folder to look in; the current one by default. */
  directory: string;
  applications: readonly string[];
  contexts: readonly string[];
  kubeconfig?: string;
  namespace?: string;
  output: OutputFormat;
  quiet: boolean;
  color: boolean;
}

export type CommandLine =
  | ({ command: 'apps' } & CommonOptions)
  | ({ command: 'drift'; failOn: ReadonlySet<string>; skipKinds: ReadonlySet<string>; desired: string } & CommonOptions)
  | ({
      command: 'preview';
      failOn: ReadonlySet<string>;
      skipKinds: ReadonlySet<string>;
      /** Revision whose reconcile is previewed; the working tree by default. */
      to: string;
      /** One plan per commit between what is applied and HEAD. */
      commits: boolean;
      prune: boolean;
      predicted: boolean;
    } & CommonOptions)
  | ({
      command: 'sync';
      all: boolean;
      yes: boolean;
      prune: boolean;
      wait: boolean;
      timeoutSeconds: number;
    } & CommonOptions)
  | ({
      command: 'rollback';
      to: string;
      yes: boolean;
      push: boolean;
      shared: boolean;
      prune: boolean;
      timeoutSeconds: number;
      branch?: string;
      message?: string;
    } & CommonOptions)
  | { command: 'sandbox'; port?: number; dataDirectory?: string; reset: boolean }
  | ({ command: 'history' } & CommonOptions)
  | ({ command: 'doctor' } & CommonOptions)
  | { command: 'help'; topic?: string }
  | { command: 'version' };

const common: ParseArgsOptionsConfig = {
  app: { type: 'string', multiple: true },
  context: { type: 'string', multiple: true },
  kubeconfig: { type: 'string' },
  namespace: { type: 'string', short: 'n' },
  output: { type: 'string', short: 'o' },
  quiet: { type: 'boolean', short: 'q' },
  'no-color': { type: 'boolean' },
};
const always: ParseArgsOptionsConfig = { help: { type: 'boolean', short: 'h' } };

const optionsOf: Record<string, ParseArgsOptionsConfig> = {
  apps: common,
  drift: {
    ...common,
    'fail-on': { type: 'string' },
    skip: { type: 'string', multiple: true },
    desired: { type: 'string' },
  },
  preview: {
    ...common,
    'fail-on': { type: 'string' },
    skip: { type: 'string', multiple: true },
    to: { type: 'string' },
    commits: { type: 'boolean' },
    prune: { type: 'boolean' },
    predicted: { type: 'boolean' },
  },
  sync: {
    ...common,
    all: { type: 'boolean' },
    yes: { type: 'boolean', short: 'y' },
    prune: { type: 'boolean' },
    wait: { type: 'boolean' },
    timeout: { type: 'string' },
  },
  rollback: {
    ...common,
    to: { type: 'string' },
    yes: { type: 'boolean', short: 'y' },
    'no-push': { type: 'boolean' },
    shared: { type: 'boolean' },
    prune: { type: 'boolean' },
    branch: { type: 'string' },
    message: { type: 'string', short: 'm' },
    timeout: { type: 'string' },
  },
  history: common,
  sandbox: { port: { type: 'string' }, data: { type: 'string' }, reset: { type: 'boolean' } },
  doctor: common,
};

const planActions = ['create', 'configure', 'recreate', 'prune', 'skip', 'blocked'];
const driftStatuses = ['drifted', 'pending', 'conflict', 'missing', 'create', 'extra', 'unknown'];

/** Reads the arguments after the program's name. Throws UsageError, which names the option and what it takes. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const [command = 'help', ...rest] = args;
  if (command === '--version' || command === '-V' || command === 'version') return { command: 'version' };
  if (command === 'help' || command === '--help' || command === '-h') return { command: 'help', ...topic(rest[0]) };
  const options = optionsOf[command];
  if (options === undefined) {
    throw new UsageError(`there is no command '${command}'`, `the commands are ${Object.keys(optionsOf).join(', ')}`);
  }
  const { values, positionals } = parse(command, rest, { ...options, ...always });
  if (values['help'] === true) return { command: 'help', topic: command };
  if (command === 'sandbox') {
    if (positionals.length > 0) throw new UsageError(`sandbox takes no argument, but got '${positionals.join(' ')}'`);
    return readSandbox(values);
  }
  const shared = readCommon(values, positionals);
  switch (command) {
    case 'apps':
      return { command, ...shared };
    case 'history':
      return { command, ...shared };
    case 'doctor':
      return { command, ...shared };
    case 'preview':
      return {
        command,
        ...shared,
        to: text(values, 'to') ?? 'worktree',
        commits: values['commits'] === true,
        prune: values['prune'] === true,
        predicted: values['predicted'] === true,
        skipKinds: new Set(texts(values, 'skip').map((kind) => kind.toLowerCase())),
        failOn: readFailOn(text(values, 'fail-on'), planActions, ['blocked']),
      };
    case 'sync':
      return {
        command,
        ...shared,
        all: values['all'] === true,
        yes: values['yes'] === true,
        prune: values['prune'] === true,
        wait: values['wait'] === true,
        timeoutSeconds: readSeconds(values),
      };
    case 'rollback':
      return { command, ...shared, ...readRollback(values) };
    default:
      return {
        command: 'drift',
        ...shared,
        desired: text(values, 'desired') ?? 'worktree',
        skipKinds: new Set(texts(values, 'skip').map((kind) => kind.toLowerCase())),
        failOn: readFailOn(text(values, 'fail-on'), driftStatuses, ['drifted', 'conflict', 'missing', 'extra']),
      };
  }
}

type Values = Record<string, unknown>;

function parse(
  command: string,
  args: string[],
  options: ParseArgsOptionsConfig,
): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    // Node words it for programmers; the first sentence names the option.
    const message = error instanceof Error ? (error.message.split('. ')[0] ?? error.message) : String(error);
    throw new UsageError(message.charAt(0).toLowerCase() + message.slice(1), `see 'plumbline help ${command}'`);
  }
}

function topic(name: string | undefined): { topic?: string } {
  return name === undefined ? {} : { topic: name };
}

function text(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

function texts(values: Values, name: string): string[] {
  const value = values[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function readCommon(values: Values, positionals: readonly string[]): CommonOptions {
  if (positionals.length > 1) throw new UsageError(`one folder at a time, but got ${positionals.join(', ')}`);
  const output = text(values, 'output') ?? 'text';
  if (output !== 'text' && output !== 'json') throw new UsageError(`--output takes text or json, not '${output}'`);
  const kubeconfig = text(values, 'kubeconfig');
  const namespace = text(values, 'namespace');
  return {
    directory: positionals[0] ?? '.',
    applications: texts(values, 'app'),
    contexts: texts(values, 'context'),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(namespace === undefined ? {} : { namespace }),
    output,
    quiet: values['quiet'] === true,
    color: values['no-color'] !== true,
  };
}

function readFailOn(
  value: string | undefined,
  known: readonly string[],
  usual: readonly string[],
): ReadonlySet<string> {
  if (value === undefined) return new Set(usual);
  if (value === 'none') return new Set();
  const statuses = value.split(',').map((status) => status.trim());
  for (const status of statuses) {
    if (!known.includes(status)) {
      throw new UsageError(`--fail-on does not know '${status}'`, `it takes none or some of ${known.join(', ')}`);
    }
  }
  return new Set(statuses);
}

function readRollback(
  values: Values,
): Omit<Extract<CommandLine, { command: 'rollback' }>, keyof CommonOptions | 'command'> {
  const to = text(values, 'to');
  if (to === undefined) throw new UsageError('rollback needs the revision to go back to: --to REV');
  const branch = text(values, 'branch');
  const message = text(values, 'message');
  return {
    to,
    yes: values['yes'] === true,
    push: values['no-push'] !== true,
    shared: values['shared'] === true,
    prune: values['prune'] === true,
    timeoutSeconds: readSeconds(values),
    ...(branch === undefined ? {} : { branch }),
    ...(message === undefined ? {} : { message }),
  };
}

/** How long to wait for a reconcile and for health. */
function readSeconds(values: Values): number {
  const value = text(values, 'timeout') ?? '300';
  const seconds = Number(value.replace(/s$/, ''));
  if (!Number.isFinite(seconds) || seconds <= 0) throw new UsageError(`--timeout takes seconds, not '${value}'`);
  return seconds;
}

function readSandbox(values: Values): CommandLine {
  const port = text(values, 'port');
  if (port !== undefined && !(/^\d+$/.test(port) && Number(port) < 65_536)) {
    throw new UsageError(`--port takes a number below 65536, not '${port}'`);
  }
  const dataDirectory = text(values, 'data');
  return {
    command: 'sandbox',
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(dataDirectory === undefined ? {} : { dataDirectory }),
    reset: values['reset'] === true,
  };
}
