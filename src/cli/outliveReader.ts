/**
 * Goes on when whoever reads has seen enough, as `head` has: what is under way, as a sync, must not end half-way for it. Anything else
 * that is wrong with an output is thrown.
 */
export function outliveReader(output: NodeJS.WritableStream): void {
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
