import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askAhead } from '../../../src/cli/askAhead.ts';
import type { Cluster, ClusterProvider } from '../../../src/ports/cluster.ts';
import { ClusterError } from '../../../src/ports/clusterError.ts';

test('each context is asked at once, and what fails is left to whoever needs the answer', async () => {
  const asked: string[] = [];
  const away = new ClusterError('unreachable', 'away did not answer.');
  const clusters = {
    connect: (context: string): Promise<Cluster> => {
      asked.push(`connect ${context}`);
      if (context === 'unknown') return Promise.reject(new ClusterError('unknown-context', 'no such context'));
      const discover = (): Promise<never> => {
        asked.push(`discover ${context}`);
        return Promise.reject(away);
      };
      return Promise.resolve({ discover } as Partial<Cluster> as Cluster);
    },
  } as Partial<ClusterProvider> as ClusterProvider;
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  try {
    askAhead(clusters, ['prod', 'unknown', 'test']);
    assert.deepEqual(asked, ['connect prod', 'connect unknown', 'connect test']);
    await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(asked.slice(3), ['discover prod', 'discover test']);
    assert.deepEqual(unhandled, []);
  } finally {
    process.off('unhandledRejection', note);
  }
});
