import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bundle = join(root, 'l10n', 'bundle.l10n.json');

/** Sources whose sentences the editor shows. */
const sources = ['src/editor/**/*.ts', 'src/core/explain/**/*.ts'];

/** Messages of all calls of `t` and `l10n.t`, and the calls whose message is no plain text: those cannot be translated. */
export function collectMessages(): { messages: string[]; unreadable: string[] } {
  const messages = new Set<string>();
  const unreadable: string[] = [];
  for (const file of globSync(sources, { cwd: root }).sort()) {
    const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && isTranslation(node.expression)) {
        const [message] = node.arguments;
        if (message !== undefined && ts.isStringLiteralLike(message)) messages.add(message.text);
        else {
          const { line } = source.getLineAndCharacterOfPosition(node.getStart());
          unreadable.push(`${file}:${line + 1}`);
        }
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return { messages: [...messages].sort(), unreadable };
}

function isTranslation(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return callee.text === 't';
  return ts.isPropertyAccessExpression(callee) && callee.name.text === 't';
}

/** The English bundle as it must be: each message stands for itself. */
export function bundleText(messages: readonly string[]): string {
  return `${JSON.stringify(Object.fromEntries(messages.map((message) => [message, message])), null, 2)}\n`;
}

if (import.meta.main) {
  const { messages, unreadable } = collectMessages();
  for (const place of unreadable) console.error(`${place}: the message is not a plain text`);
  writeFileSync(bundle, bundleText(messages));
  console.log(`${messages.length} messages`);
  process.exitCode = unreadable.length === 0 ? 0 : 1;
}
