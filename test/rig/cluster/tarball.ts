import { gzipSync } from 'node:zlib';

export interface TarEntry {
  /** From the archive's root, with `/`. */
  readonly path: string;
  readonly executable: boolean;
  readonly data: Buffer;
}

const blockSize = 512;

/** A header block in the ustar format (POSIX.1-1988), without owner and with time 0. */
function header(name: string, type: '0' | '5' | 'L', mode: number, size: number): Buffer {
  const block = Buffer.alloc(blockSize);
  const octal = (value: number, offset: number, width: number): void => {
    block.write(`${value.toString(8).padStart(width - 1, '0')}\0`, offset, 'latin1');
  };
  block.write(name, 0, 100, 'utf8');
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  // The checksum is taken with its own field blank.
  block.write('        ', 148, 'latin1');
  block.write(type, 156, 'latin1');
  block.write('ustar\u000000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function member(path: string, type: '0' | '5', mode: number, data: Buffer): Buffer[] {
  const pad = (content: Buffer): Buffer[] => [content, Buffer.alloc(-content.length & (blockSize - 1))];
  const name = Buffer.from(path);
  // A name over 100 bytes goes into a member of its own before it, GNU's `L`.
  const long = name.length > 100 ? [header('././@LongLink', 'L', 0, name.length), ...pad(name)] : [];
  return [...long, header(path, type, mode, data.length), ...pad(data)];
}

/** A tar.gz of files and the folders they lie in. The same entries always give the same bytes. */
export function tarball(entries: readonly TarEntry[]): Buffer {
  const blocks: Buffer[] = [];
  const folders = new Set<string>();
  for (const { path, executable, data } of entries) {
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      const folder = path.slice(0, slash + 1);
      if (folders.has(folder)) continue;
      folders.add(folder);
      blocks.push(...member(folder, '5', 0o755, Buffer.alloc(0)));
    }
    blocks.push(...member(path, '0', executable ? 0o755 : 0o644, data));
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * blockSize)]));
}
