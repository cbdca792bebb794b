import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';
import { LiveVersions } from '../../../../src/services/commits/liveVersions.ts';

const deployment = (given: Partial<KubeObject> = {}, metadata: KubeObject['metadata'] = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', resourceVersion: '1', generation: 1, ...metadata },
  spec: { replicas: 2 },
  ...given,
});

const owner = (manager: string, subresource?: string): KubeObject['metadata'] => ({
  managedFields: [{ manager, operation: 'Update', time: '2026-11-21T12:00:00Z', ...(subresource && { subresource }) }],
});

for (const [what, next, counts] of [
  ['nothing', deployment(), false],
  ['its status', deployment({ status: { readyReplicas: 2 } }, { resourceVersion: '2' }), false],
  ['who wrote its status', deployment({}, owner('kube-controller-manager', 'status')), false],
  ['its spec', deployment({ spec: { replicas: 3 } }), true],
  ['a label', deployment({}, { labels: { tier: 'front' } }), true],
  ['who owns its fields', deployment({}, owner('kubectl-edit')), true],
] as const) {
  test(`a change of ${what} ${counts ? 'makes' : 'leaves'} plans ${counts ? 'old' : 'as they are'}`, () => {
    const versions = new LiveVersions();
    const before = versions.take(new Map([['web', deployment()]]));
    const after = versions.take(new Map([['web', next]]));
    assert.equal(after > before, counts);
  });
}

test('an object that comes or goes makes plans old', () => {
  const versions = new LiveVersions();
  const first = versions.take(new Map([['web', deployment()]]));
  const gone = versions.take(new Map());
  assert.ok(gone > first);
  assert.ok(versions.take(new Map([['web', deployment()]])) > gone);
});
