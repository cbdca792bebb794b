import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { healthOf } from '../../../../src/core/health/healthOf.ts';
import type { HealthFlavour } from '../../../../src/core/health/healthResult.ts';
import { worstHealth } from '../../../../src/core/health/worstHealth.ts';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';
import type { Health } from '../../../../src/core/report.ts';

const lines = readFileSync(new URL('healthOf.cases.txt', import.meta.url), 'utf8').split('\n');

describe('healthOf', () => {
  for (const line of lines) {
    if (line === '' || line.startsWith('#')) continue;
    const [name = '', flavours = '', yaml = '', expected = ''] = line.split(' | ').map((cell) => cell.trim());
    const parsed = parse(yaml) as KubeObject;
    const object = { ...parsed, metadata: { name: 'x', ...(parsed.metadata as KubeObject['metadata'] | undefined) } };
    for (const flavour of flavours.split(' ')) {
      test(`${name} (${flavour})`, () => {
        const options = flavour === 'own' ? {} : { flavour: flavour as HealthFlavour };
        const { health, message } = healthOf(object, options);
        assert.equal(message === '' ? health : `${health}: ${message}`, expected);
      });
    }
  }

  test('a kind without status is waited for by nobody', () => {
    const object = { apiVersion: 'a.b/v1', kind: 'X', metadata: { name: 'x' } };
    assert.equal(healthOf(object, { statusless: true }).health, 'healthy');
  });

  test('a Pod may look for a node for a moment', () => {
    const scheduled = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable' };
    const metadata = { name: 'x', creationTimestamp: '2026-01-01T00:00:00Z' };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata, status: { phase: 'Pending', conditions: [scheduled] } };
    assert.equal(healthOf(pod, { now: new Date('2026-01-01T00:00:14Z') }).health, 'progressing');
    assert.equal(healthOf(pod, { now: new Date('2026-01-01T00:00:16Z') }).health, 'degraded');
  });
});

describe('worstHealth', () => {
  const cases: [Health[], Health][] = [
    [['healthy', 'progressing', 'degraded'], 'degraded'],
    [['healthy', 'suspended'], 'suspended'],
    [['healthy', 'missing'], 'healthy'],
    [['missing'], 'missing'],
    [[], 'missing'],
    [['healthy', 'unknown'], 'healthy'],
    [['unknown'], 'unknown'],
  ];
  for (const [objects, expected] of cases) {
    test(`${objects.join(', ') || 'nothing'}: ${expected}`, () => assert.equal(worstHealth(objects), expected));
  }
});
