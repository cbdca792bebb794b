import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCommandLine } from '../../../src/cli/commandLine.ts';
import { UsageError } from '../../../src/cli/usageError.ts';

/** Arguments → the members that matter. */
const understood: [string, Record<string, unknown>][] = [
  ['', { command: 'help' }],
  ['help drift', { command: 'help', topic: 'drift' }],
  ['drift --help', { command: 'help', topic: 'drift' }],
  ['--version', { command: 'version' }],
  ['drift', { command: 'drift', directory: '.', contexts: [], output: 'text', desired: 'worktree', color: true }],
  ['drift deploy --context prod --context dev', { directory: 'deploy', contexts: ['prod', 'dev'] }],
  [
    'drift --app a --app b -n shop -o json --no-color',
    { applications: ['a', 'b'], namespace: 'shop', output: 'json', color: false },
  ],
  ['drift --fail-on none', { failOn: new Set() }],
  ['drift --fail-on drifted,pending', { failOn: new Set(['drifted', 'pending']) }],
  ['drift --skip Secret --skip job', { skipKinds: new Set(['secret', 'job']) }],
  [
    'sandbox --port 8001 --data /tmp/x --reset',
    { command: 'sandbox', port: 8001, dataDirectory: '/tmp/x', reset: true },
  ],
  ['apps examples', { command: 'apps', directory: 'examples' }],
];

for (const [args, expected] of understood) {
  test(`plumbline ${args}`, () => {
    const line: Record<string, unknown> = { ...readCommandLine(args === '' ? [] : args.split(' ')) };
    for (const [name, value] of Object.entries(expected)) assert.deepEqual(line[name], value, name);
  });
}

const refused: [string, RegExp][] = [
  ['drfit', /no command 'drfit'/],
  ['drift --contxt prod', /contxt/],
  ['drift --output yaml', /--output takes text or json, not 'yaml'/],
  ['drift --fail-on drift', /--fail-on does not know 'drift'/],
  ['drift a b', /one folder at a time/],
  ['sandbox --port 70000', /--port takes a number below 65536/],
  ['sandbox here', /takes no argument/],
];

for (const [args, message] of refused) {
  test(`plumbline ${args} is refused`, () => {
    assert.throws(
      () => readCommandLine(args.split(' ')),
      (error) => UsageError.is(error) && message.test(error.message),
    );
  });
}
