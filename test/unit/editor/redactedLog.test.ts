import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactCredentials, redactedLog } from '../../../src/editor/log/redactedLog.ts';

test('what looks like a credential is redacted, the rest is left', () => {
  const cases: [string, string][] = [
    ['Authorization: Bearer abcdef123456', 'Authorization: Bearer ***'],
    ['https://user:pass@example.com/x', 'https://***@example.com/x'],
    ['token: s3cr3t, next', 'token: ***, next'],
    ['{"password":"a b c","user":"u"}', '{"password":***,"user":"u"}'],
    ['client-key-data: LS0tLS1', 'client-key-data: ***'],
    ['id eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.sig done', 'id *** done'],
    ['-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----', '***'],
    [
      'GET https://127.0.0.1:6443/api/v1/namespaces/x/secrets/token-a 200',
      'GET https://127.0.0.1:6443/api/v1/namespaces/x/secrets/token-a 200',
    ],
    ['replicas is 5', 'replicas is 5'],
  ];
  for (const [text, expected] of cases) assert.equal(redactCredentials(text), expected);
});

test('an error is logged with its cause, redacted', () => {
  const lines: string[] = [];
  const take = (line: string): void => void lines.push(line);
  const log = redactedLog({ debug: take, info: take, warn: take, error: take });
  log.error('it failed', new Error('outer', { cause: new Error('password=hunter22') }));
  assert.match(lines[0] ?? '', /^it failed: Error: outer/);
  assert.match(lines[0] ?? '', /caused by Error: password=\*\*\*/);
  assert.ok(!lines.join().includes('hunter22'));
});
