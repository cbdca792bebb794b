/**
 * A program's message without the contents that it quotes: kustomize prints whole patches, and literals of secretGenerators, which
 * may be Secret values. What is left still names the thing and the place.
 */
export function quietMessage(message: string): string {
  return message
    .replace(/`[^`]*`/g, '`…`')
    .replace(/\b(sources|from|patch) \[[^]*\](?=:|$|\s)/g, '$1 […]')
    .replace(/(invalid literal source ).*?(, expected)/gs, '$1…$2')
    .replace(/(config: ?)[^]*?(: unable to parse)/g, '$1…$2');
}
