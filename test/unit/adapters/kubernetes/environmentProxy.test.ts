import assert from 'node:assert/strict';
import { test } from 'node:test';
import { environmentProxy } from '../../../../src/adapters/kubernetes/environmentProxy.ts';

const proxy = 'http://proxy.example.com:3128';

/** Server, environment, and whether its proxy is used. */
const cases: [string, NodeJS.ProcessEnv, boolean][] = [
  ['https://api.example.com:6443', { HTTPS_PROXY: proxy }, true],
  ['https://api.example.com:6443', { https_proxy: proxy }, true],
  ['https://api.example.com:6443', { HTTP_PROXY: proxy }, false],
  ['http://api.example.com', { HTTP_PROXY: proxy }, true],
  ['https://api.example.com:6443', {}, false],
  ['https://api.example.com:6443', { HTTPS_PROXY: '' }, false],
  ['https://localhost:6443', { HTTPS_PROXY: proxy }, false],
  ['https://127.0.0.1:6443', { HTTPS_PROXY: proxy }, false],
  ['https://127.8.9.1:6443', { HTTPS_PROXY: proxy }, false],
  ['https://[::1]:6443', { HTTPS_PROXY: proxy }, false],
  ['https://kind.localhost:6443', { HTTPS_PROXY: proxy }, false],
  ['https://api.example.com', { HTTPS_PROXY: proxy, NO_PROXY: '*' }, false],
  ['https://api.example.com', { HTTPS_PROXY: proxy, NO_PROXY: 'example.com' }, false],
  ['https://api.example.com', { HTTPS_PROXY: proxy, NO_PROXY: '.example.com' }, false],
  ['https://api.example.com', { HTTPS_PROXY: proxy, NO_PROXY: '*.example.com' }, false],
  ['https://example.com', { HTTPS_PROXY: proxy, NO_PROXY: '.example.com' }, true],
  ['https://notexample.com', { HTTPS_PROXY: proxy, NO_PROXY: 'example.com' }, true],
  ['https://API.example.com', { HTTPS_PROXY: proxy, no_proxy: 'a.b, Api.Example.com' }, false],
  ['https://api.example.com:6443', { HTTPS_PROXY: proxy, NO_PROXY: 'api.example.com:6443' }, false],
  ['https://api.example.com:6443', { HTTPS_PROXY: proxy, NO_PROXY: 'api.example.com:443' }, true],
  ['https://api.example.com', { HTTPS_PROXY: proxy, NO_PROXY: 'api.example.com:443' }, false],
  ['https://10.1.2.3:6443', { HTTPS_PROXY: proxy, NO_PROXY: '10.0.0.0/8' }, false],
  ['https://11.1.2.3:6443', { HTTPS_PROXY: proxy, NO_PROXY: '10.0.0.0/8' }, true],
  ['https://10.1.2.3:6443', { HTTPS_PROXY: proxy, NO_PROXY: '10.1.2.3' }, false],
  ['https://10.1.2.33:6443', { HTTPS_PROXY: proxy, NO_PROXY: '10.1.2.3' }, true],
  ['https://[fd00::5]:6443', { HTTPS_PROXY: proxy, NO_PROXY: 'fd00::/8' }, false],
  ['https://[fd00::5]:6443', { HTTPS_PROXY: proxy, NO_PROXY: '10.0.0.0/99,nonsense/,fe80::/8' }, true],
];

for (const [server, environment, used] of cases) {
  test(`${server} with ${JSON.stringify(environment)}`, () => {
    assert.equal(environmentProxy(server, environment), used ? proxy : undefined);
  });
}

test('a proxy without a scheme is one of HTTP', () => {
  assert.equal(environmentProxy('https://a.example.com', { HTTPS_PROXY: 'proxy:3128' }), 'http://proxy:3128');
});
