const quick = /^\d{4}-/;
const pattern =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:([Tt])(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?(Z|[-+]\d\d:\d\d))|(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?))?$/;

/**
 * What a kustomize build makes of a plain scalar that Go's YAML takes for a time (semantics Y-3): RFC 3339 with the zone as
 * written, or undefined where it is none.
 */
export function kustomizeTimestamp(text: string): string | undefined {
  if (!quick.test(text)) return undefined;
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, year = '', month = '', day = ''] = match;
  const hour = match[5] ?? match[10] ?? '0';
  const minute = match[6] ?? match[11] ?? '0';
  const second = match[7] ?? match[12] ?? '0';
  const zone = match[9] ?? 'Z';
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > daysOf(Number(year), Number(month))) {
    return undefined;
  }
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (zone !== 'Z' && (Number(zone.slice(1, 3)) > 24 || Number(zone.slice(4)) > 59)) return undefined;
  const fraction = (match[8] ?? match[13] ?? '').slice(0, 9).replace(/0+$/, '');
  const two = (part: string): string => part.padStart(2, '0');
  const time = `${two(hour)}:${two(minute)}:${two(second)}${fraction === '' ? '' : `.${fraction}`}`;
  const shownZone = /^[-+]00:00$/.test(zone) ? 'Z' : zone;
  return `${year}-${two(month)}-${two(day)}T${time}${shownZone}`;
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
