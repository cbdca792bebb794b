/** Text that must not be read as Markdown, be it a manager's name or a value out of a cluster. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~&$]/g, '\\$&').replace(/\r?\n/g, ' ');
}

/** Text as inline code, whatever backticks it holds; fit for a cell of a table. */
export function inlineCode(text: string): string {
  const flat = text.replace(/\r?\n/g, '⏎').replaceAll('|', '\\|');
  const longest = Math.max(0, ...[...flat.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 || flat === '' || /^\s|\s$/.test(flat) ? ' ' : '';
  return `${fence}${pad}${flat}${pad}${fence}`;
}
