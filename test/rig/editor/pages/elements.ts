import type { Locator } from 'playwright-core';

/** One value to read of each element: text, class or markup of the element or of its first descendant that matches, or an attribute. */
export interface Field {
  /** Descendant to look in; the element itself if left out. */
  readonly in?: string;
  readonly of: 'text' | 'class' | 'markup' | { readonly attribute: string };
  /** Reads every descendant that matches and puts a line break between the values. */
  readonly every?: true;
}

/** The part of the DOM that is used below, because the project's tests are compiled without the browser's types. */
interface PageElement {
  readonly textContent: string | null;
  readonly className: unknown;
  readonly innerHTML: string;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

/**
 * Reads the same values of all elements that a locator finds, in one round trip, so that they are of one moment: the editor
 * recycles the elements of its lists. What is absent reads as undefined.
 */
export async function readElements<K extends string>(
  locator: Locator,
  fields: Readonly<Record<K, Field>>,
): Promise<Record<K, string | undefined>[]> {
  const read = (
    elements: readonly PageElement[],
    asked: Readonly<Record<string, Field>>,
  ): Record<string, unknown>[] => {
    const valueOf = (element: PageElement, { of }: Field): string => {
      if (of === 'text') return element.textContent ?? '';
      if (of === 'class') return String(element.className);
      return of === 'markup' ? element.innerHTML : (element.getAttribute(of.attribute) ?? '');
    };
    return elements.map((element) => {
      const values: Record<string, unknown> = {};
      for (const [name, field] of Object.entries(asked)) {
        const found = field.in === undefined ? [element] : [...element.querySelectorAll(field.in)];
        const texts = (field.every ? found : found.slice(0, 1)).map((part) => valueOf(part, field));
        values[name] = texts.length === 0 || (!field.every && texts[0] === '') ? undefined : texts.join('\n');
      }
      return values;
    });
  };
  const asked: Readonly<Record<string, Field>> = fields;
  return (await locator.evaluateAll(read, asked)) as Record<K, string | undefined>[];
}

/** Name of the first codicon among the classes of an element, without its prefix; undefined if there is none. */
export function codicon(classes: string | undefined): string | undefined {
  return /codicon-(?!colored|modifier)([a-z0-9-]+)/.exec(classes ?? '')?.[1];
}
