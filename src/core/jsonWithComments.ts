import type { Json } from './json.ts';
import { parseJson } from './jsonText.ts';

/**
 * Reads JSON as VS Code writes its settings: with comments and commas before a closing bracket. Throws SyntaxError for anything
 * else that is no JSON.
 */
export function parseJsonWithComments(text: string): Json {
  // A string is taken whole, so that what looks like a comment in it stays.
  const token = /"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  const bare = text.replace(/^\uFEFF/, '').replaceAll(token, (found) => (found.startsWith('"') ? found : ' '));
  const plain = bare.replaceAll(/"(?:[^"\\]|\\.)*"|,(?=\s*[\]}])/g, (found) => (found === ',' ? ' ' : found));
  return parseJson(plain);
}
