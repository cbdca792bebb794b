import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOlder, oldestNode } from '../../../src/cli/nodeVersion.ts';

test('versions of Node come one before the other', () => {
  for (const older of ['18.20.8', '20.20.2', '22.18.0', '22.9']) assert.ok(isOlder(older, '22.19'), older);
  for (const newer of ['22.19.0', '22.20.1', '24.0.0', '100.1.2']) assert.ok(!isOlder(newer, '22.19'), newer);
  assert.match(oldestNode, /^\d+\.\d+$/);
});
