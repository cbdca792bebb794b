import type { Locator } from 'playwright-core';

/** Time that the editor is given to show what a test waits for, in milliseconds. */
export const patience = 15_000;

/** Text as a person reads it: VS Code renders spaces of labels as no-break spaces, and icons as empty elements. */
export async function visibleText(locator: Locator): Promise<string> {
  return readable(await locator.innerText());
}

/** See {@link visibleText}. */
export function readable(text: string): string {
  return text.replace(/[\s\u00a0]+/g, ' ').trim();
}

/** The text of an element that may be absent; absent and empty are both undefined. */
export async function optionalText(locator: Locator): Promise<string | undefined> {
  if ((await locator.count()) === 0) return undefined;
  return readable((await locator.first().textContent()) ?? '') || undefined;
}

/**
 * Asks again until the answer satisfies, because the editor shows things when it is ready and not when it is told.
 *
 * @throws Error with the last answer when time is up, which is what a person needs to see why
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T>,
  satisfies: (answer: T) => boolean,
  timeoutMs = patience,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (satisfies(answer)) return answer;
    if (Date.now() > deadline) {
      throw new Error(
        `Waited ${String(timeoutMs / 1000)} s for ${what}; the last answer was ${JSON.stringify(answer, undefined, 1)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}

/** Whether an element comes into view within a time, in milliseconds. */
export async function appears(locator: Locator, timeoutMs: number): Promise<boolean> {
  return locator.waitFor({ state: 'visible', timeout: timeoutMs }).then(
    () => true,
    () => false,
  );
}
