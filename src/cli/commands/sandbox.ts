import { exitCode } from '../exitCode.ts';

export interface RunningSandbox {
  url: string;
  kubeconfigPath: string;
  contextName: string;
  stop(): Promise<void>;
  reset(): Promise<void> | void;
}

export type SandboxStarter = (options: { port?: number; dataDirectory?: string }) => Promise<RunningSandbox>;

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
