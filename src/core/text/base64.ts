/** Base64 (RFC 4648), for core has neither Buffer nor atob. Bytes are texts of characters U+0000 to U+00FF. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const bitsOf = new Map(Array.from(alphabet, (letter, bits) => [letter.charCodeAt(0), bits]));
const hex = Array.from({ length: 256 }, (_, byte) => `%${byte.toString(16).padStart(2, '0')}`);

/** Base64 of the UTF-8 bytes of a text. */
export function encodeBase64(text: string): string {
  const bytes = utf8Bytes(text);
  let out = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const [a, b, c] = [bytes.charCodeAt(index), bytes.charCodeAt(index + 1), bytes.charCodeAt(index + 2)];
    // Behind the end charCodeAt is NaN, which counts as 0 among bits.
    out += alphabet.charAt(a >> 2) + alphabet.charAt(((a & 3) << 4) | (b >> 4));
    out += Number.isNaN(b) ? '=' : alphabet.charAt(((b & 15) << 2) | (c >> 6));
    out += Number.isNaN(c) ? '=' : alphabet.charAt(c & 63);
  }
  return out;
}

/**
 * One spelling for equal bytes: without line breaks and padding. Two canonical texts are equal exactly when what they encode is.
 */
export function canonicalBase64(text: string): string {
  return text.replaceAll(/\s+/g, '').replace(/=+$/, '');
}

/** Whether Go's decoder takes it, which wants its padding and no white space. */
export function isPaddedBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

/** The text that base64 encodes, or undefined where it is no base64 of UTF-8. */
export function decodeBase64(text: string): string | undefined {
  const bytes = decodeBytes(text);
  if (bytes === undefined) return undefined;
  let escaped = '';
  for (let index = 0; index < bytes.length; index++) escaped += hex[bytes.charCodeAt(index)] ?? '';
  try {
    return decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
}

/** The bytes that base64 encodes, white space and padding left out; undefined where it is none. */
export function decodeBytes(text: string): string | undefined {
  const canonical = canonicalBase64(text);
  let held = 0;
  let bits = 0;
  let decoded = '';
  for (let index = 0; index < canonical.length; index++) {
    const value = bitsOf.get(canonical.charCodeAt(index));
    if (value === undefined) return undefined;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    decoded += String.fromCharCode((held >> bits) & 0xff);
  }
  return decoded;
}

/** UTF-8 of a text, to compare with what `decodeBytes` gives. */
export function utf8Bytes(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/%([0-9A-F]{2})/g, (_, byte: string) =>
    String.fromCharCode(parseInt(byte, 16)),
  );
}
