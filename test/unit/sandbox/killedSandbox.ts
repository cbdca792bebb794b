import { startSandbox } from '../../../src/sandbox/sandboxServer.ts';

/** A sandbox in a process of its own, which a test kills. Prints how to reach it. */
const { url, token, certificate } = await startSandbox({ dataDirectory: process.argv[2] ?? '' });
process.stdout.write(JSON.stringify({ url, token, certificate }));
