/** The offset of the line break (or `\r\n`) that ends the line of `at`, or of the text's end. */
export function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  if (end === -1) return text.length;
  return end > at && text.charAt(end - 1) === '\r' ? end - 1 : end;
}

/** The offset of the first character of the line of `at`. */
export function startOfLine(text: string, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
}

/** The offset of the line after that of `at`, or of the text's end. */
export function nextLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
}

/** Whether only blanks stand between the start of the line and `at`. */
export function isFirstOnLine(text: string, at: number): boolean {
  return text.slice(startOfLine(text, at), at).trim() === '';
}
