import type { Log } from '../../ports/log.ts';
import { redacted } from '../../core/drift/redact.ts';

/** The part of vscode.LogOutputChannel that is used here. */
export interface LogSink {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/**
 * What looks like a credential wherever it turns up in a log line. Secret values never reach a log by design (semantics S-1); this net
 * catches what programs and servers put into their own messages.
 */
const credentials: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${redacted}`],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, redacted],
  [/(\w+:\/\/)[^\s/:@]+:[^\s/@]+@/g, `$1${redacted}@`],
  [
    /((?:token|password|passwd|secret|api[_-]?key|client-key-data|client-certificate-data)["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,;}]+)/gi,
    `$1${redacted}`,
  ],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g, redacted],
];

export function redactCredentials(text: string): string {
  return credentials.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text);
}

/** A log that redacts at the sink, with an error's reason and cause on the same entry. */
export function redactedLog(sink: LogSink): Log {
  return {
    debug: (message) => sink.debug(redactCredentials(message)),
    info: (message) => sink.info(redactCredentials(message)),
    warn: (message) => sink.warn(redactCredentials(message)),
    error: (message, error) =>
      sink.error(redactCredentials(error === undefined ? message : `${message}: ${describe(error)}`)),
  };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own}\ncaused by ${describe(error.cause)}`;
}
