import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isProtected, rulesOf, standingOf } from '../../../../src/editor/permission/contextRules.ts';

const rules = rulesOf({ 'prod-eu': 'https://10.0.0.1:6443/', lab: '*' }, ['*prod*', 'live-??']);

test('a context is allowed with the server that it had when it was allowed', () => {
  assert.equal(standingOf('prod-eu', 'https://10.0.0.1:6443', rules), 'allowed');
  assert.equal(standingOf('prod-eu', 'HTTPS://10.0.0.1:6443', rules), 'allowed');
  assert.equal(standingOf('prod-eu', 'https://10.0.0.2:6443', rules), 'moved');
  assert.equal(standingOf('prod-us', 'https://10.0.0.1:6443', rules), 'unasked');
  assert.equal(standingOf('lab', 'https://anything', rules), 'allowed');
  assert.equal(standingOf('constructor', 'x', rules), 'unasked');
});

test('what is no rule allows nothing', () => {
  for (const writable of [undefined, null, 'prod-eu', ['prod-eu'], 7, { 'prod-eu': true }, { 'prod-eu': '' }]) {
    assert.notEqual(standingOf('prod-eu', 'https://a', rulesOf(writable, [])), 'allowed', JSON.stringify(writable));
  }
  assert.deepEqual(rulesOf({}, 'prod').protected, []);
  assert.deepEqual(rulesOf({}, ['a', 3, '']).protected, ['a']);
});

test('protected contexts are named by patterns, whatever the case', () => {
  const cases: [string, boolean][] = [
    ['prod', true],
    ['eu-PROD-1', true],
    ['arn:aws:eks:eu:1:cluster/production', true],
    ['staging', false],
    ['live-eu', true],
    ['live-e', false],
    ['live-euw', false],
    ['', false],
  ];
  for (const [context, expected] of cases) assert.equal(isProtected(context, rules), expected, context);
  assert.equal(isProtected('anything', rulesOf({}, ['*'])), true);
  assert.equal(isProtected('a.b', rulesOf({}, ['a?b'])), true);
  assert.equal(isProtected('aXb', rulesOf({}, ['a.b'])), false, 'a dot is a dot');
});

test('a pattern of many stars ends', () => {
  const started = performance.now();
  assert.equal(isProtected('a'.repeat(5000), rulesOf({}, [`${'*a'.repeat(200)}b`])), false);
  assert.ok(performance.now() - started < 2000);
});
