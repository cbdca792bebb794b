import type { SandboxStarter } from '../commandLineParts.ts';
import { exitCode } from '../exitCode.ts';

/** `plumbline sandbox`: runs until it is stopped. stdout holds the kubeconfig's path alone, so that scripts can take it. */
export async function runSandbox(
  options: { port?: number; dataDirectory?: string; reset: boolean },
  start: SandboxStarter,
  signal: AbortSignal,
): Promise<number> {
  const sandbox = await start({
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.dataDirectory === undefined ? {} : { dataDirectory: options.dataDirectory }),
  });
  if (options.reset) await sandbox.reset();
  process.stdout.write(`${sandbox.kubeconfigPath}\n`);
  process.stderr.write(
    `The sandbox cluster runs at ${sandbox.url}, context ${sandbox.contextName}. Ctrl-C stops it; its state is kept.\n`,
  );
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await sandbox.stop();
  return exitCode.nothingToReport;
}
