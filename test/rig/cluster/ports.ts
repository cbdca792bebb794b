import { createServer } from 'node:net';

const first = 20_000;
const last = 31_999;
const handedOut = new Set<number>();

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      resolve(true);
    });
  });
  if (free) await new Promise((resolve) => server.close(resolve));
  return free;
}

/**
 * A port that nothing listens on at 127.0.0.1. Taken at random below the ephemeral range: a port that the kernel may give
 * to an outgoing connection could be taken between this look and the start of the server.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + Math.floor(Math.random() * (last - first + 1));
    if (handedOut.has(port) || !(await isFree(port))) continue;
    handedOut.add(port);
    return port;
  }
}
