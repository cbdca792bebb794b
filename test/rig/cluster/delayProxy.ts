import { connect, createServer, type Socket } from 'node:net';
import { freePort } from './ports.ts';

export interface DelayProxy {
  /** The target's URL with the proxy's port. */
  readonly url: string;
  /** Milliseconds of added round trip; may be changed while it runs. */
  delayMs: number;
  /** Connections accepted so far. */
  connections(): number;
  /** Cuts every open connection, as a network that fails does. */
  cut(): void;
  stop(): Promise<void>;
}

/** Bytes under way in one direction before the sender is held back: far more than a real network would buffer. */
const windowBytes = 16 * 1024 * 1024;

/** Passes on what comes from one side, each piece `wait()` milliseconds after it came, in order. */
function forward(from: Socket, to: Socket, wait: () => number): void {
  const queue: { due: number; data: Buffer | undefined }[] = [];
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const deliver = (): void => {
    timer = undefined;
    const now = performance.now();
    for (let head = queue[0]; head !== undefined && head.due <= now; head = queue[0]) {
      queue.shift();
      if (head.data === undefined) to.end();
      else to.write(head.data);
      bytes -= head.data?.length ?? 0;
    }
    if (bytes < windowBytes) from.resume();
    schedule();
  };
  const schedule = (): void => {
    const head = queue[0];
    if (head !== undefined) timer ??= setTimeout(deliver, Math.max(0, head.due - performance.now()));
  };
  const push = (data: Buffer | undefined): void => {
    // A shorter delay set meanwhile must not let later bytes overtake earlier ones.
    const due = Math.max(performance.now() + wait(), queue.at(-1)?.due ?? 0);
    queue.push({ due, data });
    bytes += data?.length ?? 0;
    if (bytes >= windowBytes) from.pause();
    schedule();
  };
  from.on('data', push);
  from.on('end', () => {
    push(undefined);
  });
  from.on('error', () => to.destroy());
  from.on('close', () => {
    if (!from.readableEnded) to.destroy();
  });
  to.on('close', () => {
    clearTimeout(timer);
  });
}

/**
 * A TCP proxy on 127.0.0.1 that makes the target as far away as `delayMs` of round trip: half of it each way, and once more for
 * opening a connection, as the handshake costs a round trip too. TLS passes through, so certificates stay the target's.
 */
export async function startDelayProxy(options: { target: string; delayMs: number }): Promise<DelayProxy> {
  const target = new URL(options.target);
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    accepted += 1;
    const upstream = connect({ port: Number(target.port), host: target.hostname, allowHalfOpen: true, noDelay: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    }
    const opened = performance.now();
    const half = (): number => proxy.delayMs / 2;
    forward(client, upstream, () => Math.max(half(), opened + proxy.delayMs + half() - performance.now()));
    forward(upstream, client, half);
  });
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const port = await freePort();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const url = new URL(target);
  url.port = String(port);
  const proxy: DelayProxy = {
    // The API server's address is written without a path, and kubeconfigs compare as text.
    url: url.href.replace(/\/$/, ''),
    delayMs: options.delayMs,
    connections: () => accepted,
    cut,
    async stop() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
