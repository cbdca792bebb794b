import { Document, LineCounter, type Node, isMap, isSeq, parseAllDocuments } from 'yaml';
import { readYaml } from '../../core/manifest/readYaml.ts';

/** The first document of a kubeconfig, and where its entries stand: that is looked for only where something is wrong with one. */
export class KubeconfigText {
  readonly #text: string;
  readonly #lines = new LineCounter();
  #composed: Document | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** The value; null for a file that says nothing. */
  read(): { root: unknown } | { fault: string; line: number } {
    // As kubectl writes it, it is read in a tenth of the time, which counts where every run begins with it.
    const { documents, problems } = readYaml(this.#text, { profile: 'kustomize' });
    const [first] = documents;
    if (first !== undefined && problems.length === 0) return { root: first.value };
    const document = this.#document();
    const [error] = document.errors;
    if (error !== undefined) {
      const fault = `this is not valid YAML (${error.code.toLowerCase().replaceAll('_', ' ')})`;
      return { fault, line: error.linePos?.[0].line ?? 1 };
    }
    try {
      return { root: document.toJS({ maxAliasCount: 100 }) ?? null };
    } catch {
      return { fault: 'aliases expand beyond all measure', line: 1 };
    }
  }

  /** The line of an item of a list, of a list, or of the content. */
  lineOf(list?: string, index?: number): number {
    const { contents } = this.#document();
    const node = list === undefined || !isMap(contents) ? contents : contents.get(list, true);
    const item = index !== undefined && isSeq(node) ? node.items[index] : node;
    const range = (item as Node | null | undefined)?.range;
    return range ? this.#lines.linePos(range[0]).line : 1;
  }

  #document(): Document {
    if (this.#composed !== undefined) return this.#composed;
    // kubectl lets a repeated key pass, so this does too; and it reads the first document only.
    const options = { lineCounter: this.#lines, uniqueKeys: false, merge: true, strict: true };
    const documents = parseAllDocuments(this.#text, options);
    this.#composed = ('empty' in documents ? undefined : documents[0]) ?? new Document(null);
    return this.#composed;
  }
}
