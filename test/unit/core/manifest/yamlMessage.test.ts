import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readManifests } from '../../../../src/core/manifest/readManifests.ts';
import { parseYamlTree } from '../../../../src/core/kustomize/yamlTree.ts';

/** What makes a manifest of a Secret unreadable, at its value. */
const broken: [what: string, value: string][] = [
  ['an alias of nothing', '*hunter2'],
  ['a tag that it is not', '!!int hunter2'],
  ['a tag of a handle that nobody knows', '!hunter2!x y'],
  ['a verbatim tag without an end', '!<hunter2 y'],
  ['a block with something behind its header', '|hunter2'],
  ['an escape that is none', '"\\hunter2"'],
  ['a quote that does not end', '"hunter2'],
  ['something behind a quoted text', '"a" hunter2'],
  ['a flow map that does not end', '{a: hunter2'],
  ['a closing bracket too many', '[a] ] hunter2'],
  ['a character that begins nothing', '@hunter2'],
  ['two anchors', '&hunter2 &hunter2 x'],
  ['an anchor of an alias', '&hunter2 *hunter2'],
  ['a directive', 'x\n...\n%hunter2 x\n---\n!a!b c'],
  ['a line that is no pair', 'x\n hunter2: y\n hunter2'],
];

describe('what is wrong with a text is said without the text', () => {
  for (const [what, value] of broken) {
    it(what, () => {
      const text = `apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData:\n  password: ${value}\n`;
      const { problems } = readManifests(text, { profile: 'raw' });
      const said = [...problems, ...parseYamlTree(text).issues].map(({ message }) => message);
      assert.ok(said.length > 0);
      for (const message of said) assert.doesNotMatch(message, /hunter/);
    });
  }
});
