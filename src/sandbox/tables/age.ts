import type { Json } from '../../core/json.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** How long ago a time was, as tables show it: `45s`, `3m10s`, `2d4h`, `400d`. */
export function ageOf(time: Json | undefined, now: Date): string {
  if (typeof time !== 'string') return '<unknown>';
  const then = Date.parse(time);
  return Number.isNaN(then) ? '<invalid>' : durationText(now.getTime() - then);
}

/** Two units while they are small, one when they are large. */
export function durationText(milliseconds: number): string {
  if (milliseconds < -second) return '<invalid>';
  const rest = Math.max(milliseconds, 0);
  if (rest < 2 * minute) return `${Math.floor(rest / second)}s`;
  if (rest < 10 * minute) return two(rest, minute, 'm', second, 's');
  if (rest < 3 * hour) return `${Math.floor(rest / minute)}m`;
  if (rest < 8 * hour) return two(rest, hour, 'h', minute, 'm');
  if (rest < 2 * day) return `${Math.floor(rest / hour)}h`;
  if (rest < 8 * day) return two(rest, day, 'd', hour, 'h');
  if (rest < 2 * 365 * day) return `${Math.floor(rest / day)}d`;
  if (rest < 8 * 365 * day) return two(rest, 365 * day, 'y', day, 'd');
  return `${Math.floor(rest / (365 * day))}y`;
}

function two(rest: number, large: number, largeName: string, small: number, smallName: string): string {
  const left = Math.floor((rest % large) / small);
  return `${Math.floor(rest / large)}${largeName}${left === 0 ? '' : `${left}${smallName}`}`;
}
