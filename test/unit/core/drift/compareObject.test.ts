import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type ObjectComparison, compareObject } from '../../../../src/core/drift/compareObject.ts';
import type { FieldChange } from '../../../../src/core/report.ts';
import { worldOf } from './world.ts';

const lines = readFileSync(new URL('compareObject.cases.txt', import.meta.url), 'utf8').split('\n');

describe('compareObject', () => {
  for (const line of lines) {
    if (line === '' || line.startsWith('#')) continue;
    const [name = '', delivery = '', base = '', git = '', live = '', expected = ''] = line
      .split('|')
      .map((cell) => cell.trim());
    test(name, () => {
      const result = worldOf({ delivery, base, git, live }, compareObject);
      assert.equal(print(result), expected);
      assert.deepEqual(result.unknownFields, undefined);
    });
  }
});

function print(result: ObjectComparison): string {
  const changes = result.changes.map(printChange).join(' ; ');
  return `${result.status} ${result.ignored}${changes === '' ? '' : `; ${changes}`}`.trim();
}

function printChange(change: FieldChange): string {
  const managers = change.managers.map(({ name, operation, subresource, time }) => {
    const clock = time === undefined ? '' : `@${time.slice(11, 16)}`;
    return `${name}/${operation}${subresource === undefined ? '' : `/${subresource}`}${clock}`;
  });
  if (change.masked === true) assert.ok(!('desired' in change) && !('applied' in change) && !('live' in change));
  else assert.ok('desired' in change || 'live' in change, 'a finding without a difference');
  const { path, op, status, basis, cause, next } = change;
  return [path, op, status, basis, cause, next, managers.join(',') || null, change.masked && 'masked']
    .filter((part) => part !== null && part !== undefined)
    .join(' ');
}
