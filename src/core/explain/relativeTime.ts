import type { Wording } from './wording.ts';

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** `14 min ago`, `2 h ago`, `3 days ago`. A time in the future (clocks differ) is `just now`; undefined where it is no time. */
export function relativeTime(time: string, { t, now }: Wording): string | undefined {
  const seconds = secondsSince(time, now);
  if (seconds === undefined) return undefined;
  if (seconds < minute) return t('just now');
  if (seconds < hour) return t('{0} min ago', Math.floor(seconds / minute));
  if (seconds < 2 * day) return t('{0} h ago', Math.floor(seconds / hour));
  return t('{0} days ago', Math.floor(seconds / day));
}

/** The same in full words, for hovers and diagnostics. */
export function relativeTimeInWords(time: string, { t, now }: Wording): string | undefined {
  const seconds = secondsSince(time, now);
  if (seconds === undefined) return undefined;
  if (seconds < minute) return t('just now');
  if (seconds < 2 * minute) return t('a minute ago');
  if (seconds < hour) return t('{0} minutes ago', Math.floor(seconds / minute));
  if (seconds < 2 * hour) return t('an hour ago');
  if (seconds < 2 * day) return t('{0} hours ago', Math.floor(seconds / hour));
  return t('{0} days ago', Math.floor(seconds / day));
}

/** `10:42:07` of the user's clock; the date as well when it was not today. */
export function clockTime(time: string, now: Date): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  const two = (part: number): string => String(part).padStart(2, '0');
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  if (date.toDateString() === now.toDateString()) return clock;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}`;
}

function secondsSince(time: string, now: Date): number | undefined {
  const at = new Date(time).getTime();
  return Number.isNaN(at) ? undefined : Math.max(0, (now.getTime() - at) / 1000);
}
