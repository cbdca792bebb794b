/**
 * Unpacks gzip, given as base64, to the UTF-8 text that it holds. Rejects where it is no gzip, or holds more than `maxBytes`: what a few
 * kilobytes unpack to can be anything.
 */
export type Gunzip = (base64: string, maxBytes: number) => Promise<string>;
