/**
 * Maps items with at most `limit` under way; results are in the order of the items. The first error ends it once those under way are
 * done, and so does an abort.
 */
export async function mapLimited<Item, Result>(
  items: readonly Item[],
  limit: number,
  map: (item: Item) => Promise<Result>,
  signal?: { throwIfAborted(): void },
): Promise<Result[]> {
  const results: Result[] = [];
  const open = items.entries();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const [index, item] of open) {
      if (failed) return;
      try {
        signal?.throwIfAborted();
        results[index] = await map(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const workers = Array.from({ length: Math.min(limit, items.length) }, worker);
  const settled = await Promise.allSettled(workers);
  for (const result of settled) if (result.status === 'rejected') throw result.reason;
  return results;
}
