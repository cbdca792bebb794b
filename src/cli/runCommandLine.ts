import { cancelOnSignal } from './cancelOnSignal.ts';
import { type CommandLine, type CommonOptions, readCommandLine } from './commandLine.ts';
import { runApps } from './commands/apps.ts';
import { examine, printDoctor } from './commands/doctor.ts';
import { runDrift } from './commands/drift.ts';
import { runHistory } from './commands/history.ts';
import { runPreview } from './commands/preview.ts';
import { runRollback } from './commands/rollback.ts';
import { runSync } from './commands/sync.ts';
import { runSandbox } from './commands/sandbox.ts';
import type { CommandLineParts } from './commandLineParts.ts';
import { exitCode } from './exitCode.ts';
import { helpText } from './help.ts';
import { printError } from './output/printError.ts';
import { type Style, terminalStyle } from './output/style.ts';
import { version } from './version.ts';

/** Runs one command. Everything thrown is shown here, once; returns the exit code (design §5). */
export async function runCommandLine(args: readonly string[], parts: CommandLineParts): Promise<number> {
  const signal = cancelOnSignal();
  let acts = false;
  try {
    const line = readCommandLine(args);
    acts = line.command === 'sync' || line.command === 'rollback';
    return await run(line, parts, signal);
  } catch (error) {
    const code = printError(error, signal);
    // What cannot be reached leaves a report incomplete, but an action undone.
    return acts && code === exitCode.incomplete ? exitCode.actionFailed : code;
  }
}

async function run(line: CommandLine, parts: CommandLineParts, signal: AbortSignal): Promise<number> {
  switch (line.command) {
    case 'help':
      process.stdout.write(helpText(line.topic));
      return exitCode.nothingToReport;
    case 'version':
      process.stdout.write(`${version}\n`);
      return exitCode.nothingToReport;
    case 'sandbox':
      return runSandbox(line, parts.startSandbox, signal);
    case 'apps':
      return runApps(line, parts, styleOf(line), signal);
    case 'drift':
      return runDrift(line, parts, styleOf(line), signal);
    case 'preview':
      return runPreview(line, parts, styleOf(line), signal);
    case 'sync':
      return runSync(line, parts, styleOf(line), signal);
    case 'rollback':
      return runRollback(line, parts, styleOf(line), signal);
    case 'history':
      return runHistory(line, parts, styleOf(line), signal);
    case 'doctor': {
      const clusters = parts.clusters(line.kubeconfig);
      const report = await examine(parts.runner, clusters, line.contexts, signal);
      clusters.reset();
      process.stdout.write(
        line.output === 'json' ? `${JSON.stringify(report, null, 2)}\n` : printDoctor(report, styleOf(line)),
      );
      return report.checks.some((check) => check.state === 'failed') ? exitCode.incomplete : exitCode.nothingToReport;
    }
  }
}

/** Colour for terminals only, and never against the wish of NO_COLOR (https://no-color.org). */
function styleOf(options: CommonOptions): Style {
  const noColor = (process.env['NO_COLOR'] ?? '') !== '';
  const color = options.color && process.stdout.isTTY && !noColor;
  return terminalStyle(color, process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY);
}
