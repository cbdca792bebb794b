import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Gunzip } from '../../ports/gunzip.ts';

const unpack = promisify(gunzip);

export const gunzipBase64: Gunzip = async (base64, maxBytes) => {
  const bytes = await unpack(Buffer.from(base64, 'base64'), { maxOutputLength: maxBytes });
  return bytes.toString('utf8');
};
