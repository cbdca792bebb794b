import { chromium, type Browser } from 'playwright-core';
import { findChromium } from './packages.ts';
import { RigError } from './rigError.ts';

/** Starts a headless browser that contacts nothing but what it is told to open. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) {
    throw new RigError(
      'missingBrowser',
      'No Chromium was found to show the editor in.',
      'Install it (apt-get install chromium), or name one in PLUMBLINE_CHROMIUM.',
    );
  }
  return chromium.launch({
    executablePath,
    args: [
      // Containers, and root, have no user namespaces for Chromium's sandbox. It opens nothing but our own server.
      '--no-sandbox',
      ...['--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
}
