import { type Document, type Node, isMap, isPair, isScalar } from 'yaml';
import type { Via } from '../location.ts';
import { embeddedText } from './embedded.ts';
import type { Shift } from './leafSites.ts';
import type { Site } from './site.ts';
import { childOf, itemsOf, keyOfPair, spanOf, stringOf } from './yamlTree.ts';

type SiteDetails = Pick<Site, 'fields' | 'via'> & Partial<Pick<Site, 'form' | 'binding' | 'partial'>>;

/** Collects sites of single fields of a document that is configuration, not an object. */
export class FieldSites {
  readonly sites: Site[] = [];
  readonly #file: string;
  readonly #document: Document.Parsed;
  readonly #shift: Shift;

  constructor(file: string, document: Document.Parsed, shift: Shift) {
    this.#file = file;
    this.#document = document;
    this.#shift = shift;
  }

  child(node: Node | null | undefined, key: string): Node | undefined {
    return childOf(node, key, this.#document);
  }

  items(node: Node | null | undefined, key: string): Node[] {
    return itemsOf(this.child(node, key));
  }

  add(owner: Node | null | undefined, key: string, details: SiteDetails): void {
    this.#addNode(this.child(owner, key), details);
  }

  /** Every value of a map under its own key. */
  addMap(owner: Node | null | undefined, key: string, via: Via): void {
    const map = this.child(owner, key);
    if (!isMap(map)) return;
    for (const pair of map.items) {
      const name = isPair(pair) ? keyOfPair(pair) : undefined;
      if (name !== undefined) this.#addNode(pair.value as Node | null, { fields: [name], via });
    }
  }

  /** One entry of configMapGenerator or secretGenerator. Its files are sites of their own. */
  addGenerator(generator: Node | null | undefined, text: string): void {
    const options = this.child(generator, 'options');
    for (const key of ['labels', 'annotations']) this.addMap(options, key, 'generator');
    this.add(options, 'immutable', { fields: ['immutable'], via: 'generator', form: 'boolean' });
    this.add(generator, 'type', { fields: ['type'], via: 'generator' });
    for (const literal of this.items(generator, 'literals')) this.#addLiteral(literal, text);
  }

  #addLiteral(node: Node, text: string): void {
    const literal = stringOf(node);
    const equals = literal?.indexOf('=') ?? -1;
    const span = spanOf(node);
    if (literal === undefined || equals < 1 || !span) return;
    const embedded = embeddedText(text, node);
    const written = literal.slice(equals + 1);
    // kustomize takes quotes off that surround a literal's whole value.
    const bare = /^(["'])(.*)\1$/s.exec(written)?.[2] ?? written;
    const quotes = written.length === bare.length ? 0 : 1;
    const start = equals + 1 + quotes;
    const place = embedded && { start: embedded.outer(start), end: embedded.outer(start + bare.length) };
    this.sites.push({
      file: this.#file,
      span: this.#mapped(place ?? span),
      value: bare,
      fields: [literal.slice(0, equals)],
      anchored: false,
      via: 'generator',
      form: 'text',
      binding: 'none',
    });
  }

  #addNode(node: Node | null | undefined, details: SiteDetails): void {
    const span = node && spanOf(node);
    if (!span || !isScalar(node)) return;
    const value = node.value;
    const known = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    this.sites.push({
      file: this.#file,
      span: this.#mapped(span),
      value: known ? value : String(value),
      anchored: false,
      form: 'yaml',
      binding: 'none',
      ...details,
    });
  }

  #mapped(span: { start: number; end: number }): { start: number; end: number } {
    const shift = this.#shift;
    const map = typeof shift === 'number' ? (offset: number) => offset + shift : shift;
    return { start: map(span.start), end: map(span.end) };
  }
}
