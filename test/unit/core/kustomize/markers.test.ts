import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markersIn } from '../../../../src/core/kustomize/markers.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Value of a built object, whether it is data of a Secret → the markers found in it. */
const cases: [string, string | number, boolean, number[]][] = [
  ['a planted text', 'plumb12x', false, [12]],
  ['two in one text', 'http://plumb3x:plumb4x', false, [3, 4]],
  ['data of a Secret that a generator encoded', base64('plumb12x'), true, [12]],
  ['data of a Secret that a manifest spells out', 'plumb12x', true, [12]],
  ['data of a Secret without one', base64('hunter2'), true, []],
  ['nothing', 'podinfo', false, []],
];

for (const [name, value, encoded, ids] of cases) {
  test(`markers: ${name}`, () => assert.deepEqual(markersIn(value, encoded), ids));
}
