import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import { type CommandSpec, ProcessError } from '../../../../src/ports/processRunner.ts';

const runner = new SpawnRunner({ graceMilliseconds: 300 });

function script(source: string, more: Partial<CommandSpec<string>> = {}): CommandSpec<string> {
  return { command: process.execPath, args: ['-e', source], parse: (stdout) => stdout, ...more };
}

/** Starts a child that ignores SIGTERM, writes both pids to a file, and never ends by itself. */
function stubbornFamily(pidFile: string): string {
  return `
    process.on('SIGTERM', () => {});
    const child = require('child_process').spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')"], { stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.once('data', () => require('fs').writeFileSync(${JSON.stringify(pidFile)}, process.pid + ' ' + child.pid));
    setInterval(() => {}, 1000);`;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return true;
}

async function pidsIn(file: string): Promise<number[]> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text !== '') return text.split(' ').map(Number);
    await sleep(25);
  }
  throw new Error('the program never started');
}

async function assertGone(pids: readonly number[]): Promise<void> {
  assert.equal(pids.length, 2);
  // A killed process stays visible until init has collected it.
  for (let attempt = 0; attempt < 80 && pids.some(alive); attempt++) await sleep(25);
  assert.deepEqual(pids.filter(alive), []);
}

describe('SpawnRunner', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-test-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('hands arguments over as they are, without a shell', async () => {
    const odd = ['$HOME', '`id`', 'a b', '"', "'", '; exit 1', '*', '', 'ünïcode'];
    const source = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))';
    const spec = { ...script(source), args: ['-e', source, '--', ...odd] };
    assert.deepEqual(JSON.parse(await runner.run(spec)), odd);
  });

  test('gives standard input and environment', async () => {
    const source = "process.stdin.on('data', (d) => process.stdout.write(d + process.env.WORD + process.env.GONE))";
    const environment = () => ({ ...process.env, GONE: 'x' });
    const own = new SpawnRunner({ environment });
    const output = await own.run(script(source, { stdin: 'hello ', env: { WORD: 'world', GONE: undefined } }));
    assert.equal(output, 'hello worldundefined');
  });

  test('a program that does not read its input is no failure', async () => {
    const output = await runner.run(script("console.log('done')", { stdin: 'x'.repeat(1_000_000) }));
    assert.equal(output, 'done\n');
  });

  test('joins characters that arrive in two pieces', async () => {
    const source =
      "const b = Buffer.from('é'); process.stdout.write(b.subarray(0, 1)); setTimeout(() => process.stdout.write(b.subarray(1)), 50)";
    assert.equal(await runner.run(script(source)), 'é');
  });

  test('gives raw bytes to onOutput', async () => {
    const chunks: Uint8Array[] = [];
    const source = 'process.stdout.write(Buffer.from([0, 255, 10, 128]))';
    const text = await runner.run(script(source, { onOutput: (chunk) => chunks.push(chunk) }));
    assert.equal(text, '');
    assert.deepEqual([...Buffer.concat(chunks)], [0, 255, 10, 128]);
  });

  test('an error thrown by onOutput ends the program and comes out', async () => {
    const source = "setInterval(() => process.stdout.write('x'), 10)";
    const onOutput = (): never => {
      throw new RangeError('enough');
    };
    await assert.rejects(runner.run(script(source, { onOutput })), /enough/);
  });

  test('a failure carries exit code and stderr, and no arguments in its message', async () => {
    const failure = runner.run(script("console.error('bad thing'); process.exit(3)"));
    await assert.rejects(failure, (error) => {
      assert.ok(ProcessError.is(error, 'failed'));
      assert.equal(error.exitCode, 3);
      assert.equal(error.stderr, 'bad thing\n');
      assert.doesNotMatch(error.message, /bad thing|console/);
      return true;
    });
  });

  test('a missing program is named with what to install', async () => {
    const failure = runner.run({ command: 'kustomize-not-here', args: [], parse: String });
    await assert.rejects(failure, (error) => ProcessError.is(error, 'not-found') && error.remedy !== undefined);
  });

  test('a missing folder is not mistaken for a missing program', async () => {
    const failure = runner.run(script('', { cwd: join(folder, 'nowhere') }));
    await assert.rejects(failure, (error) => ProcessError.is(error, 'failed') && error.message.includes('nowhere'));
  });

  test('keeps only the end of a long stderr', async () => {
    const source = "process.stderr.write('x'.repeat(1e6) + 'the end', () => process.exit(1))";
    await assert.rejects(runner.run(script(source)), (error) => {
      assert.ok(ProcessError.is(error, 'failed'));
      assert.ok(error.stderr.length <= 256 * 1024);
      assert.ok(error.stderr.endsWith('the end'));
      return true;
    });
  });

  test('a timeout ends the program and what it started, although both ignore SIGTERM', async () => {
    const file = join(folder, 'timeout');
    const failure = runner.run(script(stubbornFamily(file), { timeoutMilliseconds: 1_500 }));
    const pids = pidsIn(file);
    await assert.rejects(failure, (error) => ProcessError.is(error, 'timeout'));
    await assertGone(await pids);
  });

  test('an abort ends both and rejects with the reason of the signal', async () => {
    const file = join(folder, 'abort');
    const controller = new AbortController();
    const failure = runner.run(script(stubbornFamily(file)), controller.signal);
    const outcome = assert.rejects(failure, { name: 'AbortError' });
    const pids = await pidsIn(file);
    controller.abort();
    await outcome;
    await assertGone(pids);
  });

  test('nothing starts on a signal that is aborted already', async () => {
    await assert.rejects(runner.run(script(''), AbortSignal.abort()), { name: 'AbortError' });
  });

  test('too much output ends both', async () => {
    const file = join(folder, 'output');
    const source = `${stubbornFamily(file)} setTimeout(() => setInterval(() => process.stdout.write('x'.repeat(10000)), 1), 800)`;
    const failure = runner.run(script(source, { maxOutputBytes: 100_000 }));
    const pids = pidsIn(file);
    await assert.rejects(failure, (error) => ProcessError.is(error, 'too-much-output'));
    await assertGone(await pids);
  });
});
