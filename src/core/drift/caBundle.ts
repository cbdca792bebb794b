import { type Json, isJsonObject } from '../json.ts';
import { decodeBase64 } from '../text/base64.ts';

/**
 * Whether a desired `caBundle` leaves the value to whoever injects it: empty, a placeholder, or no certificate (semantics N-16).
 * What an injector wrote is then no difference.
 */
export function leavesCaBundleOpen(fieldName: string, desired: Json): boolean {
  if (fieldName !== 'caBundle') return false;
  if (typeof desired !== 'string') return desired === null || !isJsonObject(desired);
  const decoded = decodeBase64(desired);
  return decoded === undefined || !decoded.includes('-----BEGIN CERTIFICATE-----');
}
