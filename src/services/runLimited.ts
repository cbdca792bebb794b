/** Runs the tasks with at most `limit` under way; the first error ends it once those under way are done. */
export async function runLimited(
  tasks: readonly (() => Promise<void>)[],
  limit: number,
  signal?: AbortSignal,
): Promise<void> {
  let next = 0;
  let failed = false;
  const worker = async (): Promise<void> => {
    while (next < tasks.length && !failed) {
      signal?.throwIfAborted();
      const task = tasks[next++];
      try {
        await task?.();
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const workers = Array.from({ length: Math.min(limit, tasks.length) }, worker);
  const results = await Promise.allSettled(workers);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
