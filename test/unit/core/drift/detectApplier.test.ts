import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { lastAppliedAnnotation } from '../../../../src/core/apply/lastApplied.ts';
import { detectApplier } from '../../../../src/core/drift/detectApplier.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import type { EngineName } from '../../../../src/core/report.ts';

const lines = readFileSync(new URL('detectApplier.cases.txt', import.meta.url), 'utf8').split('\n');

function entryOf(text: string): JsonObject {
  const [who = '', minute = '00'] = text.split('@');
  const [manager = '', operation = '', subresource] = who.split('/');
  const time = `2026-01-01T10:${minute}:00Z`;
  return { manager, operation, time, ...(subresource === undefined ? {} : { subresource }) };
}

describe('detectApplier', () => {
  for (const line of lines) {
    if (line === '' || line.startsWith('#')) continue;
    const [name = '', engine = '', fields = '', expected = ''] = line.split('|').map((cell) => cell.trim());
    test(name, () => {
      const words = fields.split(' ').filter((word) => word !== '');
      const annotations: JsonObject = words.includes('annotated') ? { [lastAppliedAnnotation]: '{}' } : {};
      const managedFields = words.filter((word) => word !== 'annotated').map(entryOf);
      const metadata: JsonObject = { name: 'x', annotations, managedFields };
      const { kind, managers } = detectApplier({ apiVersion: 'v1', kind: 'X', metadata }, engine as EngineName);
      assert.equal(managers.length === 0 ? kind : `${kind}: ${managers.join(',')}`, expected);
    });
  }

  test('an object that is not there', () => assert.equal(detectApplier(undefined, 'flux').kind, 'unknown'));
});
