import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';

const root = dirname(dirname(import.meta.dirname));
const pages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: root })];
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Manifest {
  scripts: Record<string, string>;
  contributes: {
    commands: { title: string }[];
    configuration: { properties: Record<string, { default: unknown }> }[];
  };
}
const manifest = JSON.parse(read('package.json')) as Manifest;
const texts = JSON.parse(read('package.nls.json')) as Record<string, string>;
const settings = Object.fromEntries(
  manifest.contributes.configuration.flatMap(({ properties }) => Object.entries(properties)),
);

/** All that a pattern finds in a page, by its first group. */
function found(page: string, pattern: RegExp): string[] {
  return [...read(page).matchAll(pattern)].map((match) => match[1] ?? '');
}

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

describe('documentation', () => {
  for (const page of pages) {
    test(`${page}: what it links and names is there`, () => {
      const wrong: string[] = [];
      for (const link of found(page, /\]\((?!https?:)([^)\s]+)\)/g)) {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? page : join(dirname(page), path);
        if (!existsSync(join(root, target))) wrong.push(link);
        else if (
          anchor !== undefined &&
          !found(target, /^#+ (.*)$/gm)
            .map(anchorOf)
            .includes(anchor)
        )
          wrong.push(link);
      }
      for (const path of found(page, /`((?:src|test|docs|schemas|scripts|examples|\.ci)\/[\w./-]+)`/g)) {
        if (!existsSync(join(root, path))) wrong.push(path);
      }
      for (const script of found(page, /npm run (?:-s )?([\w:-]+)/g)) {
        if (!(script in manifest.scripts)) wrong.push(`npm run ${script}`);
      }
      for (const setting of found(page, /`(plumbline\.(?!cjs)[\w.]+)`/g)) {
        if (!(setting in settings)) wrong.push(setting);
      }
      assert.deepEqual(wrong, []);
    });
  }

  test('the page of settings has each with its default, and no other', () => {
    const rows = read('docs/settings.md').matchAll(/^\| `(plumbline\.[\w.]+)` \| (?:`(.*?)` )?\|/gm);
    const told = [...rows].map(([, name = '', value = '""']) => [name, JSON.parse(value) as unknown]);
    const declared = Object.entries(settings).map(([name, setting]) => [name, setting.default ?? '']);
    assert.deepEqual(told.sort(), declared.sort());
  });

  test('the page of commands has each, and no other', () => {
    const rows = found('docs/settings.md', /^\| (\*[^|]*\*) \|/gm);
    const told = rows.flatMap((row) => [...row.matchAll(/\*([^*]+)\*/g)].map((match) => match[1] ?? ''));
    const titles = manifest.contributes.commands.map(({ title }) => texts[title.replaceAll('%', '')] ?? title);
    assert.deepEqual(told.sort(), titles.sort());
  });
});
