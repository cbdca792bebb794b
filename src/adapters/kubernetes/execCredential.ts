import { isAbsolute, join } from 'node:path';
import { type Json, type JsonObject, field, fieldAt, isJsonObject, listAt, stringAt } from '../../core/json.ts';
import { parseJson, printJson } from '../../core/jsonText.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import { ProcessError, type ProcessRunner } from '../../ports/processRunner.ts';
import type { ContextConfig } from './kubeconfig.ts';
import { programName, signInAgain } from './signIn.ts';

/** What a credential plugin answered. */
export interface ExecCredential {
  token: string | undefined;
  certificate: string | undefined;
  key: string | undefined;
  /** Milliseconds since 1970; undefined where it lasts until the server refuses it. */
  expires: number | undefined;
}

/** Browser sign-ins take a person's time, a plugin that waits for a terminal would take forever. */
const pluginTimeoutMilliseconds = 60_000;

/**
 * Runs the credential plugin of a context's user (client.authentication.k8s.io). It gets no terminal. What it prints is never
 * repeated, as it is a credential.
 * @throws {ClusterError} `credentials`, with what to do about it.
 */
export async function runExecPlugin(
  config: ContextConfig,
  runner: ProcessRunner,
  signal?: AbortSignal,
  timeoutMilliseconds = pluginTimeoutMilliseconds,
): Promise<ExecCredential> {
  const exec = field(config.user, 'exec');
  const command = stringAt(exec, 'command') ?? '';
  const program = programName(command);
  if (!isJsonObject(exec) || command === '') {
    throw failed(config, `user ${config.userName} of the kubeconfig has a plugin without a command`);
  }
  if (stringAt(exec, 'interactiveMode') === 'Always') {
    throw failed(config, `${program} signs in to ${config.context} only from a terminal`);
  }
  let answer: Json;
  try {
    answer = await runner
      .run(
        {
          command: pluginPath(config, command),
          args: listAt(exec, 'args').filter((argument) => typeof argument === 'string'),
          env: { ...pluginEnvironment(exec), KUBERNETES_EXEC_INFO: printJson(execInfo(config, exec)) },
          timeoutMilliseconds,
          maxOutputBytes: 1024 * 1024,
          parse: (text) => text,
        },
        signal,
      )
      .then(parseAnswer);
  } catch (error) {
    if (!ProcessError.is(error)) throw error;
    throw pluginFailure(config, exec, program, error);
  }
  const status = field(answer, 'status');
  const credential: ExecCredential = {
    token: stringAt(status, 'token'),
    certificate: stringAt(status, 'clientCertificateData'),
    key: stringAt(status, 'clientKeyData'),
    expires: expiry(stringAt(status, 'expirationTimestamp')),
  };
  if (credential.token === undefined && (credential.certificate === undefined || credential.key === undefined)) {
    throw failed(config, `${program} answered without a token or certificate for ${config.context}`);
  }
  return credential;
}

function parseAnswer(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    // The parser's message would quote the output.
    return null;
  }
}

/** A relative path with a separator starts from the kubeconfig's folder, as kubectl has it; a bare name is looked up on PATH. */
function pluginPath(config: ContextConfig, command: string): string {
  return /[\\/]/.test(command) && !isAbsolute(command) ? join(config.userFolder, command) : command;
}

function pluginEnvironment(exec: JsonObject): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const entry of listAt(exec, 'env')) {
    const name = stringAt(entry, 'name');
    const value = stringAt(entry, 'value');
    if (name !== undefined && value !== undefined && name !== '__proto__') environment[name] = value;
  }
  return environment;
}

function execInfo(config: ContextConfig, exec: JsonObject): JsonObject {
  const spec: JsonObject = { interactive: false };
  if (field(exec, 'provideClusterInfo') === true) spec['cluster'] = clusterInfo(config);
  return {
    kind: 'ExecCredential',
    apiVersion: stringAt(exec, 'apiVersion') ?? 'client.authentication.k8s.io/v1',
    spec,
  };
}

function clusterInfo(config: ContextConfig): JsonObject {
  const info: JsonObject = { server: config.server };
  for (const key of ['tls-server-name', 'insecure-skip-tls-verify', 'certificate-authority-data', 'proxy-url']) {
    const value = field(config.cluster, key);
    if (value !== undefined && value !== null) info[key] = value;
  }
  const extension = listAt(config.cluster, 'extensions').find(
    (entry) => stringAt(entry, 'name') === 'client.authentication.k8s.io/exec',
  );
  const extra = fieldAt(extension, 'extension');
  if (extra !== undefined) info['config'] = extra;
  return info;
}

function expiry(text: string | undefined): number | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

function pluginFailure(config: ContextConfig, exec: JsonObject, program: string, error: ProcessError): ClusterError {
  if (error.reason === 'not-found') {
    const hint = stringAt(exec, 'installHint')?.trim();
    return new ClusterError('credentials', `${program} was not found on PATH; it signs in to ${config.context}.`, {
      remedy:
        hint === undefined || hint === ''
          ? `Install ${program}, or start the editor from a terminal where it is found, or write its full path into the kubeconfig.`
          : hint,
      cause: error,
    });
  }
  if (error.reason === 'timeout')
    return failed(config, `${program} did not sign in to ${config.context} in time`, error);
  const said = lastWords(error.stderr);
  return failed(config, `${program} could not sign in to ${config.context}${said === '' ? '' : `: ${said}`}`, error);
}

function failed(config: ContextConfig, what: string, cause?: ProcessError): ClusterError {
  const remedy = signInAgain(config.context, config.user);
  // The process error holds what the plugin wrote; only its name and exit code are kept.
  return new ClusterError('credentials', `${what}.`, {
    remedy: `${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}.`,
    ...(cause === undefined ? {} : { cause: new Error(cause.message) }),
  });
}

/** The last line that a plugin wrote to stderr, with whatever looks like a credential taken out. */
function lastWords(stderr: string): string {
  const lines = stderr.split(/\r?\n/).map((line) => line.trim());
  const last = lines.filter((line) => line !== '').at(-1) ?? '';
  return last
    .replaceAll(/[\w+/=.~-]{32,}/g, '…')
    .replaceAll(/((?:token|secret|password|key)["']?\s*[=:]\s*)\S+/gi, '$1…')
    .slice(0, 300)
    .replace(/[.\s]+$/, '');
}
