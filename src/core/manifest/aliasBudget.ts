const smallDocument = 400_000;
const largeDocument = 4_000_000;

/**
 * Stops documents that grow by aliases, by go-yaml's own measure: of what was read, at most 99 % may come from aliases in a small
 * result, 10 % in a large one.
 */
export class AliasBudget {
  #read = 0;
  #fromAliases = 0;
  #depth = 0;

  enterAlias(): void {
    this.#depth++;
  }

  leaveAlias(): void {
    this.#depth--;
  }

  /** Counts one node; false when the document has spent its budget. */
  spend(): boolean {
    this.#read++;
    if (this.#depth > 0) this.#fromAliases++;
    if (this.#fromAliases <= 100 || this.#read <= 1000) return true;
    return this.#fromAliases / this.#read <= allowedShare(this.#read);
  }
}

function allowedShare(read: number): number {
  if (read <= smallDocument) return 0.99;
  if (read >= largeDocument) return 0.1;
  return 0.99 - 0.89 * ((read - smallDocument) / (largeDocument - smallDocument));
}
