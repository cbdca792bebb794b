/** Line and column of an offset, both from 1, columns in UTF-16 units as editors count them. */
export interface Position {
  line: number;
  column: number;
}

/** Translates offsets to positions; built once for a text, each look-up is a binary search. */
export class LineIndex {
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  get lineCount(): number {
    return this.#starts.length;
  }

  positionAt(offset: number): Position {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }

  offsetAt(position: Position): number {
    return (this.#starts[position.line - 1] ?? 0) + position.column - 1;
  }
}
