import assert from 'node:assert/strict';
import { type TestContext, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { nameOf } from '../../../../src/core/kube/objectKey.ts';
import { stringAt } from '../../../../src/core/json.ts';
import type { WatchEvent } from '../../../../src/ports/cluster.ts';
import { sendJson } from '../../../fakes/fakeApiServer.ts';
import { StatusAnswer } from '../../../fakes/fakeObjects.ts';
import { until } from '../../../rig/cluster/until.ts';
import { type FakeCluster, configMap, configMaps, fakeCluster } from './fixture.ts';

interface Watched extends FakeCluster {
  events: WatchEvent[];
  /** `listed 0`, `added a`, `interrupted`. */
  story: () => string[];
  wait: (what: string, condition: () => boolean) => Promise<void>;
}

async function watching(t: TestContext, options: Parameters<typeof fakeCluster>[1] = {}): Promise<Watched> {
  const fake = await fakeCluster(t, options);
  const events: WatchEvent[] = [];
  const controller = new AbortController();
  const done = fake.cluster.watch(configMaps, { namespace: 'default', signal: controller.signal }, (event) => {
    events.push(event);
  });
  t.after(async () => {
    controller.abort();
    // The provider may have been reset before; the contract holds what an abort alone does.
    await done.catch(() => {});
  });
  const wait = async (what: string, condition: () => boolean): Promise<void> => {
    await until(what, () => Promise.resolve(condition()), { timeout: 5_000, interval: 5 });
  };
  await wait('the watch to stand', () => fake.server.openWatches === 1);
  return {
    ...fake,
    events,
    wait,
    story: () =>
      events.map((event) => {
        if ('object' in event) return `${event.type} ${nameOf(event.object)}`;
        return event.type === 'listed' ? `listed ${event.objects.length}` : event.type;
      }),
  };
}

const watchRequests = (requests: readonly string[]): string[] => requests.filter((each) => each.includes('watch=true'));
const listRequests = (requests: readonly string[]): string[] => requests.filter((each) => each.includes('limit=500'));

describe('a watch', () => {
  test("asks for bookmarks, a time limit and the list's revision", async (t) => {
    const { server } = await watching(t);
    const url = new URL(`http://x${watchRequests(server.requests)[0]?.replace('GET ', '') ?? ''}`);
    assert.equal(url.searchParams.get('allowWatchBookmarks'), 'true');
    assert.equal(url.searchParams.get('resourceVersion'), String(server.objects.revision));
    assert.ok(Number(url.searchParams.get('timeoutSeconds')) >= 240);
  });

  test('that the server ends goes on silently from where it stood, which bookmarks move', async (t) => {
    const { server, cluster, story, wait } = await watching(t);
    await cluster.create(configMaps, { ...configMap('elsewhere'), metadata: { name: 'elsewhere', namespace: 'team' } });
    server.bookmark();
    await delay(20);
    server.endWatches();
    await wait('it to stand again', () => watchRequests(server.requests).length === 2 && server.openWatches === 1);
    assert.match(
      watchRequests(server.requests)[1] ?? '',
      new RegExp(`resourceVersion=${server.objects.revision}(&|$)`),
    );
    await cluster.create(configMaps, configMap('later'));
    await wait('the event', () => story().includes('added later'));
    assert.deepEqual(story(), ['listed 0', 'added later']);
    assert.equal(listRequests(server.requests).length, 1);
  });

  test('that breaks is told, tried again, and loses nothing', async (t) => {
    const { server, cluster, story, wait } = await watching(t);
    await cluster.create(configMaps, configMap('before'));
    await wait('the event', () => story().length === 2);
    server.inject((request, response) => {
      if (!request.query.has('watch')) return false;
      sendJson(response, 500, new StatusAnswer(500, 'InternalError', 'etcd is away').toStatus());
      return true;
    }, 2);
    server.dropConnections();
    await delay(20);
    await cluster.create(configMaps, configMap('meanwhile'));
    await wait('the event', () => story().includes('added meanwhile'));
    assert.deepEqual(story(), [
      'listed 0',
      'added before',
      'interrupted',
      'interrupted',
      'interrupted',
      'resumed',
      'added meanwhile',
    ]);
    assert.equal(listRequests(server.requests).length, 1);
  });

  test('cut in the middle of a line gives the event whole, once', async (t) => {
    const { server, cluster, events, story, wait } = await watching(t);
    const name = 'cut-ümläut';
    const cut = JSON.stringify({ type: 'ADDED', object: { metadata: { name, resourceVersion: '101' } } });
    server.writeToWatches(cut.slice(0, cut.length - 20));
    await delay(20);
    server.dropConnections();
    await wait('it to stand again', () => story().includes('resumed') && server.openWatches === 1);
    await cluster.create(configMaps, configMap('whole'));
    await wait('the event', () => story().includes('added whole'));
    assert.deepEqual(story(), ['listed 0', 'interrupted', 'resumed', 'added whole']);
    assert.equal(events.length, 4);
  });

  test('reads characters that arrive in two parts, and several events in one', async (t) => {
    const { server, events, story, wait } = await watching(t);
    const line = (name: string): string =>
      `${JSON.stringify({ type: 'ADDED', object: { metadata: { name, resourceVersion: '101', annotations: { a: 'über' } } } })}\n`;
    const bytes = Buffer.from(line('one') + line('two') + line('three'), 'utf8');
    const within = bytes.indexOf(Buffer.from('ü')) + 1;
    server.writeToWatches(bytes.subarray(0, within) as unknown as string);
    await delay(30);
    server.writeToWatches(bytes.subarray(within) as unknown as string);
    await wait('three events', () => story().length === 4);
    assert.deepEqual(story().slice(1), ['added one', 'added two', 'added three']);
    const [, first] = events;
    assert.ok(first !== undefined && 'object' in first);
    assert.equal(stringAt(first.object, 'metadata', 'annotations', 'a'), 'über');
  });

  for (const how of ['an answer', 'an event'] as const) {
    test(`whose place the server forgot (410 as ${how}) lists anew`, async (t) => {
      const { server, cluster, story, wait } = await watching(t);
      await cluster.create(configMaps, configMap('kept'));
      await wait('the event', () => story().length === 2);
      if (how === 'an answer') {
        server.inject((request) => {
          if (request.query.has('watch')) server.objects.forgetHistory();
          return false;
        });
        server.freezeWatches();
        await cluster.create(configMaps, configMap('missed'));
        server.objects.forgetHistory();
        server.dropConnections();
      } else {
        const status = new StatusAnswer(410, 'Expired', 'too old resource version').toStatus();
        server.writeToWatches(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
        await cluster.create(configMaps, configMap('missed'));
      }
      await wait('a second list', () => story().includes('listed 2'));
      assert.equal(listRequests(server.requests).length, 2);
      await wait('it to stand again', () => server.openWatches === 1);
    });
  }

  test('that fell silent after bookmarks is half open: it is closed and goes on, without a word', async (t) => {
    const { server, cluster, story, wait } = await watching(t, {
      watchTimes: { firstRetry: 20, longestRetry: 50, settled: 100, bookmarkSilence: 150 },
    });
    server.bookmark();
    await delay(20);
    server.freezeWatches();
    await cluster.create(configMaps, configMap('unheard'));
    await wait('the event', () => story().includes('added unheard'));
    assert.deepEqual(story(), ['listed 0', 'added unheard']);
  });

  test('that is ended at once each time does not become a storm', async (t) => {
    const { server } = await watching(t, { watchTimes: { firstRetry: 100, longestRetry: 400, settled: 10_000 } });
    server.inject((request, response) => {
      if (!request.query.has('watch')) return false;
      response.writeHead(200).end();
      return true;
    }, 1_000);
    server.endWatches();
    await delay(600);
    const asked = watchRequests(server.requests).length;
    assert.ok(asked >= 2 && asked <= 8, `${asked} requests in 0.6 s`);
  });

  test('gives a broken event no way to end the process, nor to be repeated in an error', async (t) => {
    const { server, events, wait } = await watching(t);
    server.writeToWatches('{"type":"ADDED","object":{"data":{"password":"hunter2"\n');
    await wait('the interruption', () => events.some((event) => event.type === 'interrupted'));
    const told = events.find((event) => event.type === 'interrupted');
    assert.ok(told !== undefined && !String(told.error.stack).includes('hunter2'));
    assert.equal(told.error.cause, undefined);
  });

  test('waits longer after each failure, up to the longest', async (t) => {
    const { server, events, wait } = await watching(t, {
      watchTimes: { firstRetry: 10, longestRetry: 40, settled: 60_000 },
    });
    server.inject((request, response) => {
      if (!request.query.has('watch')) return false;
      response.destroy();
      return true;
    }, 1_000);
    server.dropConnections();
    await wait('six failures', () => events.filter((event) => event.type === 'interrupted').length >= 6);
    const waits = events.flatMap((event) => (event.type === 'interrupted' ? [event.retryInMilliseconds] : []));
    waits.slice(0, 6).forEach((each, index) => {
      const full = Math.min(10 * 2 ** index, 40);
      assert.ok(each >= full / 2 && each <= full, `wait ${index + 1} is ${each}`);
    });
  });
});
