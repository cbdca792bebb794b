import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';

const module = join(import.meta.dirname, '..', '..', '..', 'src', 'cli', 'outliveReader.ts');

/** Writes, waits, and says that it came so far, while nobody reads what it writes. */
async function writeToNobody(prepare: string): Promise<{ code: number; said: string }> {
  const program = `
    import { outliveReader } from ${JSON.stringify(module)};
    ${prepare}
    process.stdout.write('to nobody\\n');
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.stderr.write('done');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let said = '';
  child.stderr.on('data', (part: Buffer) => (said += part.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, said };
}

test('a reader that has seen enough, as head has, ends nothing', async () => {
  assert.deepEqual(await writeToNobody('outliveReader(process.stdout);'), { code: 0, said: 'done' });
  assert.notEqual((await writeToNobody('')).code, 0, 'without it the process ends half-way');
});

test('another fault of an output is thrown', async () => {
  const full = `outliveReader(process.stdout);
    process.stdout.emit('error', Object.assign(new Error('no space left'), { code: 'ENOSPC' }));`;
  const { code, said } = await writeToNobody(full);
  assert.notEqual(code, 0);
  assert.match(said, /no space left/);
});
