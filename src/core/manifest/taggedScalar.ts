import type { Json } from '../json.ts';
import { type YamlProfile, notJson, resolvePlain } from './scalars.ts';
import { kustomizeTimestamp } from './timestamp.ts';
import { decodeBase64, isPaddedBase64 } from '../text/base64.ts';

const core = 'tag:yaml.org,2002:';

/** The value of a scalar with a tag: `!!str 12` is text, `!!int "12"` a number, an unknown tag (`!foo`) text. */
export function readTagged(
  tag: string,
  source: string,
  profile: YamlProfile,
): { ok: true; value: Json } | { ok: false; message: string } {
  const short = tag.startsWith(core) ? tag.slice(core.length) : tag.startsWith('!!') ? tag.slice(2) : undefined;
  const failed = {
    ok: false,
    // The text itself may be the value of a Secret, and so is not quoted.
    message: `What stands behind ${tag.replace(core, '!!')} cannot be read as that`,
  } as const;
  switch (short) {
    case 'int':
    case 'float':
    case 'bool':
    case 'null': {
      const value = resolvePlain(source, profile);
      return value !== notJson && typeName(value, short) === short ? { ok: true, value } : failed;
    }
    case 'timestamp':
      return { ok: true, value: (profile === 'kustomize' ? kustomizeTimestamp(source) : undefined) ?? source };
    case 'binary': {
      const value = binaryText(source);
      return value === undefined ? failed : { ok: true, value };
    }
    default:
      // Go drops tags that it does not know; what they stand on is a text.
      return { ok: true, value: source };
  }
}

function typeName(value: Json, wanted: 'int' | 'float' | 'bool' | 'null'): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return wanted === 'float' ? 'float' : 'int';
  if (typeof value !== 'number') return typeof value;
  return wanted === 'float' || !Number.isInteger(value) ? 'float' : 'int';
}

function binaryText(source: string): string | undefined {
  const packed = source.replace(/\s/g, '');
  return isPaddedBase64(packed) ? decodeBase64(packed) : undefined;
}
