/** A piece of a text by UTF-16 offsets, the end exclusive. */
export interface Span {
  start: number;
  end: number;
}

/** A change to a text: the span is replaced by `newText`. */
export interface TextEdit {
  span: Span;
  newText: string;
}
