import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  commandIds,
  commitsViewId,
  containerId,
  contextKeys,
  documentLanguage,
  hiddenCommands,
  settingDefaults,
  viewId,
  walkthroughId,
} from '../../../src/editor/contributions.ts';
import { bundleText, collectMessages } from '../../../scripts/l10n.ts';
import { packed } from '../../../scripts/package.ts';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const text = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Manifest {
  icon: string;
  activationEvents: string[];
  capabilities: { untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] } };
  contributes: {
    commands: { command: string; title: string; category: string; icon?: string }[];
    menus: Record<string, { command: string; when?: string; group?: string }[]>;
    views: Record<string, { id: string }[]>;
    viewsContainers: { activitybar: { id: string; icon: string }[] };
    viewsWelcome: { view: string; when: string; contents: string }[];
    configuration: { properties: Record<string, { default: unknown; scope: string; markdownDescription: string }> }[];
    languages: { id: string; configuration: string }[];
    grammars: { path: string }[];
    walkthroughs: { id: string; steps: { media: { svg: string }; completionEvents: string[] }[] }[];
  };
}

const manifest = JSON.parse(text('package.json')) as Manifest;
const { contributes } = manifest;
const nls = JSON.parse(text('package.nls.json')) as Record<string, string>;
const sorted = (items: Iterable<string>): string[] => [...items].sort();
const declared = contributes.commands.map((item) => item.command);

test('commands of package.json and code are the same', () => {
  assert.deepEqual(sorted(declared), sorted(Object.values(commandIds)));
  assert.ok(contributes.commands.every((item) => item.category === 'Plumbline'));
});

test('the palette hides what needs a row', () => {
  const palette = contributes.menus['commandPalette'] ?? [];
  const hidden = palette.filter((item) => item.when === 'false').map((item) => item.command);
  assert.deepEqual(sorted(hidden), sorted(hiddenCommands));
});

test('menus and welcome texts name commands and views that there are', () => {
  const builtIn = /^(vscode\.|workbench\.)/;
  for (const item of Object.values(contributes.menus).flat()) assert.ok(declared.includes(item.command), item.command);
  const contents = contributes.viewsWelcome.map((item) => translated(item.contents));
  const steps = Object.entries(nls).filter(([key]) => key.startsWith('walkthrough.'));
  for (const content of [...contents, ...steps.map(([, value]) => value)]) {
    for (const [, command = ''] of content.matchAll(/\(command:([\w.]+)/g)) {
      assert.ok(builtIn.test(command) || declared.includes(command), command);
    }
  }
  assert.ok(contributes.viewsWelcome.every((item) => [viewId, commitsViewId].includes(item.view)));
  assert.deepEqual(Object.keys(contributes.views), [containerId]);
  assert.deepEqual(
    contributes.viewsContainers.activitybar.map((item) => item.id),
    [containerId],
  );
  assert.deepEqual(
    contributes.views[containerId]?.map((item) => item.id),
    [viewId, commitsViewId],
  );
});

test('when clauses use own keys that code sets, and each of these is used', () => {
  const clauses = [...Object.values(contributes.menus).flat(), ...contributes.viewsWelcome].map(
    (item) => item.when ?? '',
  );
  const keys = new Set(clauses.flatMap((clause) => clause.match(/plumbline:\w+/g) ?? []));
  assert.deepEqual(sorted(keys), sorted(Object.values(contextKeys)));
});

test('settings of package.json and code are the same, with the same defaults', () => {
  const properties = Object.assign({}, ...contributes.configuration.map((item) => item.properties)) as Record<
    string,
    { default: unknown; scope: string; markdownDescription: string }
  >;
  const expected = Object.entries(settingDefaults).map(([name, value]) => [`plumbline.${name}`, value] as const);
  assert.deepEqual(sorted(Object.keys(properties)), sorted(expected.map(([name]) => name)));
  for (const [name, value] of expected) assert.deepEqual(properties[name]?.default, value, name);
  for (const [name, property] of Object.entries(properties)) {
    assert.ok(translated(property.markdownDescription).length > 10, name);
    // A repository must not be able to name a program or a kubeconfig.
    if (/Path$|kubeconfig$/.test(name)) assert.equal(property.scope, 'machine', name);
    // Nor allow itself to change a cluster.
    if (/Contexts$/.test(name)) assert.equal(property.scope, 'application', name);
  }
  const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
  assert.equal(supported, 'limited');
  for (const name of restrictedConfigurations) assert.ok(name in properties, name);
  for (const name of Object.keys(properties)) {
    if (/Path$|kubeconfig$|allowRemote/.test(name)) assert.ok(restrictedConfigurations.includes(name), name);
  }
});

test('files that package.json names are there and are packed', () => {
  const files = [
    manifest.icon,
    ...contributes.viewsContainers.activitybar.map((item) => item.icon),
    ...contributes.languages.map((item) => item.configuration),
    ...contributes.grammars.map((item) => item.path),
    ...contributes.walkthroughs.flatMap((item) => item.steps.map((step) => step.media.svg)),
  ];
  for (const file of files) {
    assert.ok(existsSync(join(root, file)), file);
    assert.ok(packed.includes(file.replace('./', '').split('/')[0] ?? ''), `${file} is not packed`);
  }
  assert.deepEqual(
    contributes.languages.map((item) => item.id),
    [documentLanguage],
  );
  assert.deepEqual(
    contributes.walkthroughs.map((item) => item.id),
    [walkthroughId],
  );
});

test('every bundle that is loaded on first use is packed', () => {
  const bundles = [...text('esbuild.mjs').matchAll(/'\.\/(\w+\.cjs)'\]/g)].map((found) => `dist/${found[1] ?? ''}`);
  assert.ok(bundles.length >= 5);
  for (const bundle of bundles) assert.ok(packed.includes(bundle), `${bundle} is not packed`);
});

test('nothing starts the extension with every window', () => {
  assert.ok(manifest.activationEvents.every((event) => event !== '*' && event !== 'onStartupFinished'));
});

test('every text of package.json is in package.nls.json, and none there is unused', () => {
  const used = new Set([...text('package.json').matchAll(/"%([^%"]+)%"/g)].map((found) => found[1] ?? ''));
  assert.deepEqual(sorted(Object.keys(nls)), sorted(used));
});

test('every sentence of the editor can be translated; `node scripts/l10n.ts` writes the bundle anew', () => {
  const { messages, unreadable } = collectMessages();
  assert.deepEqual(unreadable, []);
  assert.ok(messages.length > 50);
  assert.equal(text('l10n/bundle.l10n.json'), bundleText(messages));
});

function translated(value: string): string {
  return value.replace(/^%(.*)%$/, (whole, key: string) => nls[key] ?? whole);
}
