import { ClusterError } from '../../ports/clusterError.ts';
import { GitError } from '../../ports/gitError.ts';
import { ProcessError } from '../../ports/processRunner.ts';
import { TypedError } from '../../core/typedError.ts';
import { exitCode } from '../exitCode.ts';
import { UsageError } from '../usageError.ts';

/** Shows an error on stderr with its remedy and returns the exit code that it means. A stack is shown for faults of Plumbline only. */
export function printError(error: unknown, signal: AbortSignal): number {
  if (signal.aborted) {
    process.stderr.write('plumbline: stopped\n');
    return exitCode.actionFailed;
  }
  if (UsageError.is(error)) return say(error, exitCode.usage);
  if (ClusterError.is(error) || GitError.is(error) || ProcessError.is(error)) return say(error, exitCode.incomplete);
  if (error instanceof TypedError) return say(error as TypedError<string>, exitCode.actionFailed);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`plumbline: this is a fault of Plumbline, please report it\n${text}\n`);
  return exitCode.actionFailed;
}

function say(error: TypedError<string>, code: number): number {
  process.stderr.write(`plumbline: ${error.message}\n`);
  if (error.remedy !== undefined) process.stderr.write(`  ${error.remedy}\n`);
  return code;
}
