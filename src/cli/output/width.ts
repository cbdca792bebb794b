/** Columns that a text takes, colour codes apart. Wide and zero-width characters count as terminals draw them, roughly. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of stripStyle(text)) columns += widthOf(character.codePointAt(0) ?? 0);
  return columns;
}

/** Fills up to a width; a text that is longer stays whole. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columnsOf(text)));
}

/** Cuts to a width with `…`; colour codes must not be in it yet. */
export function cut(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  let kept = '';
  let columns = 0;
  for (const character of text) {
    columns += widthOf(character.codePointAt(0) ?? 0);
    if (columns > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

function stripStyle(text: string): string {
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}

function widthOf(codePoint: number): number {
  if (
    codePoint === 0x200d ||
    (codePoint >= 0x300 && codePoint <= 0x36f) ||
    (codePoint >= 0xfe00 && codePoint <= 0xfe0f)
  )
    return 0;
  const wide =
    (codePoint >= 0x1100 && codePoint <= 0x115f) ||
    (codePoint >= 0x2e80 && codePoint <= 0xa4cf) ||
    (codePoint >= 0xac00 && codePoint <= 0xd7a3) ||
    (codePoint >= 0xf900 && codePoint <= 0xfaff) ||
    (codePoint >= 0xff00 && codePoint <= 0xff60) ||
    (codePoint >= 0x1f300 && codePoint <= 0x1faff);
  return wide ? 2 : 1;
}
