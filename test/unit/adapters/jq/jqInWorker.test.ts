import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { JqInWorker } from '../../../../src/adapters/jq/jqInWorker.ts';
import type { Json } from '../../../../src/core/json.ts';

const pod: Json = {
  spec: { containers: [{ name: 'a', env: [{ name: 'X', value: 'hunter2' }] }, { name: 'b' }] },
  metadata: { annotations: { 'x/y': 'größer' } },
};

const always = { always: true };
const unreadable = { always: true, unreadable: true };
const here = { always: false };

describe('jq in a thread', () => {
  const jq = new JqInWorker();
  after(() => {
    jq.dispose();
  });

  // As gojq answers `path(…)` in Argo CD.
  const cases: readonly [expression: string, answer: object][] = [
    ['.spec.containers[0].name', { paths: [['spec', 'containers', 0, 'name']] }],
    ['.spec.containers[] | select(.name == "b")', { paths: [['spec', 'containers', 1]] }],
    ['.spec.containers[]?.env[]?.value', { paths: [['spec', 'containers', 0, 'env', 0, 'value']] }],
    ['.metadata.annotations["x/y"]', { paths: [['metadata', 'annotations', 'x/y']] }],
    ['.spec.containers[-1]', { paths: [['spec', 'containers', -1]] }],
    ['.spec.containers[:1]', { paths: [['spec', 'containers', { start: null, end: 1 }]] }],
    ['.nothing.here', { paths: [['nothing', 'here']] }],
    ['empty', { paths: [] }],
    ['.spec.', { failed: "syntax error, unexpected ')', expecting FORMAT or QQSTRING_START or '['", ...unreadable }],
    ['nonsense', { failed: 'nonsense/0 is not defined', ...unreadable }],
    ['.a), (.b', { failed: 'it is no path expression', ...always }],
    ['1', { failed: 'it is no path expression', ...always }],
    ['.spec.volumes[]', { failed: 'Cannot iterate over null', ...here }],
    ['.spec.containers[0].env[0].value[]', { failed: 'Cannot iterate over string', ...here }],
    ['error("hunter2")', { failed: 'it fails on this object', ...here }],
  ];
  for (const [expression, answer] of cases) {
    test(expression, async () => {
      assert.deepEqual(await jq.paths(expression, pod), answer);
    });
  }

  test('an expression without end is given up, and the next one is answered', async () => {
    const hasty = new JqInWorker({ timeoutMilliseconds: 300 });
    const [endless, next] = await Promise.all([hasty.paths('repeat(.)', {}), hasty.paths('.a', {})]);
    assert.deepEqual(endless, { failed: 'it takes longer than 300 ms', always: true });
    assert.deepEqual(next, { paths: [['a']] });
    hasty.dispose();
  });

  test('an abort ends a question', async () => {
    const controller = new AbortController();
    const own = new JqInWorker({ timeoutMilliseconds: 20_000 });
    const asked = own.paths('repeat(.)', {}, controller.signal);
    setTimeout(() => {
      controller.abort(new Error('enough'));
    }, 100);
    await assert.rejects(asked, /enough/);
    assert.deepEqual(await own.paths('.a', {}), { paths: [['a']] });
    own.dispose();
  });
});
