import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remoteIdentity } from '../../../../src/core/delivery/remoteUrl.ts';

const same: [string, string][] = [
  ['git@github.com:org/app.git', 'github.com/org/app'],
  ['https://github.com/org/app', 'github.com/org/app'],
  ['https://user:token@GitHub.com/org/app.git/', 'github.com/org/app'],
  ['ssh://git@github.com/org/app', 'github.com/org/app'],
  ['ssh://git@github.com:22/org/app', 'github.com/org/app'],
  ['ssh://git@git.example.com:7999/org/app.git', 'git.example.com:7999/org/app'],
  ['http://127.0.0.1:20123/app.git', '127.0.0.1:20123/app'],
  ['/srv/git/app.git', '/srv/git/app'],
];

for (const [url, identity] of same) test(`${url} is ${identity}`, () => assert.equal(remoteIdentity(url), identity));

test('two repositories of one host differ', () => {
  assert.notEqual(remoteIdentity('git@github.com:org/app'), remoteIdentity('git@github.com:org/app2'));
});
