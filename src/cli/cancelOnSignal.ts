/** A signal that aborts on Ctrl-C or SIGTERM; a second Ctrl-C ends the process as the shell expects. */
export function cancelOnSignal(): AbortSignal {
  const controller = new AbortController();
  const cancel = (): void => {
    process.removeListener('SIGINT', cancel);
    controller.abort(new Error('stopped'));
  };
  process.once('SIGINT', cancel);
  process.once('SIGTERM', cancel);
  return controller.signal;
}
