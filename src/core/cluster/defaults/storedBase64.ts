import { isPaddedBase64 } from '../../text/base64.ts';

/** Base64 as the API server stores it: line breaks gone. Undefined where the server could not read it: unpadded, or none. */
export function storedBase64(text: string): string | undefined {
  const plain = text.replaceAll(/[\r\n]/g, '');
  return isPaddedBase64(plain) ? plain : undefined;
}
