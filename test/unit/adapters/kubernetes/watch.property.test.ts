import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { stringAt } from '../../../../src/core/json.ts';
import { nameOf } from '../../../../src/core/kube/objectKey.ts';
import { until } from '../../../rig/cluster/until.ts';
import { configMap, configMaps, fakeCluster } from './fixture.ts';

/** What may happen while somebody watches: to the objects, and to the connection. */
const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('write' as const), name: fc.constantFrom('a', 'b', 'c', 'd') }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('delete' as const), name: fc.constantFrom('a', 'b', 'c', 'd') }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constantFrom('drop', 'end', 'forget', 'cut', 'bookmark', 'pause', 'fail') }),
    },
  ),
  { minLength: 5, maxLength: 25 },
);

test('whatever happens to the connection, a watcher ends up with what the server has', async (t) => {
  let written = 0;
  const property = fc.asyncProperty(steps, async (story) => {
    const { server, cluster } = await fakeCluster(t, { watchTimes: { firstRetry: 2, longestRetry: 8, settled: 50 } });
    const shown = new Map<string, string>();
    const controller = new AbortController();
    const { signal } = controller;
    const versionOf = (object: Parameters<typeof nameOf>[0]): string =>
      stringAt(object, 'metadata', 'resourceVersion') ?? '';
    const done = cluster.watch(configMaps, { namespace: 'default', signal }, (event) => {
      if (event.type === 'listed') {
        shown.clear();
        for (const object of event.objects) shown.set(nameOf(object), versionOf(object));
      } else if (event.type === 'deleted') shown.delete(nameOf(event.object));
      else if (event.type === 'added' || event.type === 'modified') {
        shown.set(nameOf(event.object), versionOf(event.object));
      }
    });
    const kind = server.objects.kinds.find((each) => each.resource === 'configmaps');
    assert.ok(kind);
    const options = { dryRun: false, manager: 'm', force: true };
    for (const step of story) {
      if (step.do === 'write' && 'name' in step) {
        written += 1;
        server.objects.apply(kind, 'default', step.name, configMap(step.name, { n: String(written) }), options);
      } else if (step.do === 'delete' && 'name' in step) {
        try {
          server.objects.remove(kind, 'default', step.name, {}, false);
        } catch {
          // It was not there.
        }
      } else if (step.do === 'drop') server.dropConnections();
      else if (step.do === 'end') server.endWatches();
      else if (step.do === 'forget') server.objects.forgetHistory();
      else if (step.do === 'bookmark') server.bookmark();
      else if (step.do === 'pause') await delay(5);
      else if (step.do === 'fail') {
        server.inject((_request, response) => {
          response.destroy();
          return true;
        });
      } else {
        server.writeToWatches('{"type":"ADDED","object":{"metadata":{"name":"ghost","resou');
        server.dropConnections();
      }
    }
    const truth = (): string[] =>
      (server.objects.list(kind, 'default', new URLSearchParams())['items'] as Parameters<typeof nameOf>[0][])
        .map((object) => `${nameOf(object)}@${versionOf(object)}`)
        .sort();
    const seen = (): string[] => [...shown].map(([name, version]) => `${name}@${version}`).sort();
    await until(
      'the watcher to see the truth',
      () => Promise.resolve(JSON.stringify(seen()) === JSON.stringify(truth())),
      { timeout: 15_000, interval: 5 },
    ).catch(() => assert.deepEqual(seen(), truth()));
    controller.abort();
    await done;
    server.dropConnections();
  });
  await fc.assert(property, { numRuns: 40 });
});
