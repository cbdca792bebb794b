import { type Json, cloneJson, isJsonObject } from '../../../src/core/json.ts';
import type { ReplayCase } from './replay.ts';

type Step = string | number;

/** Comparisons that a case is worth. */
const mostAttempts = 4000;

/**
 * The smallest part of a case that still fails: fields and items are taken out of both objects, the largest first, as long as the failure
 * stays. What names the objects stays too.
 */
export function shrinkCase(found: ReplayCase, fails: (candidate: ReplayCase) => boolean): ReplayCase {
  let best = found;
  let attempts = 0;
  for (let hasShrunk = true; hasShrunk && attempts < mostAttempts;) {
    hasShrunk = false;
    for (const path of pathsOf(best)) {
      const smaller = without(best, path);
      if (smaller === undefined || attempts++ >= mostAttempts || !fails(smaller)) continue;
      best = smaller;
      hasShrunk = true;
    }
  }
  return best;
}

/** Of both objects, each path once, outer ones before what they hold; of lists the last item first, so that the rest keep their places. */
function pathsOf({ desired, live }: ReplayCase): Step[][] {
  const found = new Map<string, Step[]>();
  const visit = (value: Json, path: Step[]): void => {
    if (path.length > 0) found.set(JSON.stringify(path), path);
    if (Array.isArray(value)) for (const [index, item] of [...value.entries()].reverse()) visit(item, [...path, index]);
    else if (isJsonObject(value)) for (const key of Object.keys(value)) visit(value[key] ?? null, [...path, key]);
  };
  visit(desired, []);
  visit(live, []);
  return [...found.values()].filter((path) => !isName(path)).sort((a, b) => a.length - b.length);
}

function isName(path: readonly Step[]): boolean {
  return ['apiVersion', 'kind', 'metadata', 'metadata,name'].includes(path.join());
}

function without({ desired, live }: ReplayCase, path: readonly Step[]): ReplayCase | undefined {
  const copy = { desired: cloneJson(desired), live: cloneJson(live) };
  const removed = [copy.desired, copy.live].map((object) => remove(object, path));
  return removed.includes(true) ? copy : undefined;
}

function remove(object: Json, path: readonly Step[]): boolean {
  const parent = path.slice(0, -1).reduce<Json | undefined>(stepInto, object);
  const last = path.at(-1);
  if (Array.isArray(parent) && typeof last === 'number' && last < parent.length) {
    parent.splice(last, 1);
    return true;
  }
  if (!isJsonObject(parent) || typeof last !== 'string' || !Object.hasOwn(parent, last)) return false;
  return delete parent[last];
}

function stepInto(value: Json | undefined, step: Step): Json | undefined {
  if (Array.isArray(value)) return typeof step === 'number' ? value[step] : undefined;
  return isJsonObject(value) && typeof step === 'string' && Object.hasOwn(value, step) ? value[step] : undefined;
}
