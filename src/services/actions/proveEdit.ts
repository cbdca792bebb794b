import { type Json, equalJson, isJsonObject } from '../../core/json.ts';
import { type KubeObject, describeKey, keyOf, keyText, nameOf } from '../../core/kube/objectKey.ts';
import { twinOf } from '../../core/kustomize/candidates.ts';
import { jsonAt, withChange } from '../../core/manifest/jsonAt.ts';
import type { Wanted } from './proposeTexts.ts';

export type Proof =
  | { holds: true; /** The object's new name, where a generator names it by its content. */ renamed?: string }
  /** `other`: something else would change as well; `none`: the value does not become the live one. */
  | { holds: false; because: 'other' | 'none'; text: string };

/**
 * Whether a render differs from another in one value of one object alone, which has become the wanted one. A generated object may get
 * another name by it; then what refers to it does so too, and nothing else.
 */
export function proveEdit(
  before: readonly KubeObject[],
  after: readonly KubeObject[],
  object: KubeObject,
  wanted: Wanted,
): Proof {
  const twin = twinOf(object, after);
  if (twin === undefined)
    return { holds: false, because: 'other', text: `${describeKey(keyOf(object))} would be gone` };
  const oldName = nameOf(object);
  const newName = nameOf(twin);
  const isRenamed = oldName !== newName;
  const renders = isRenamed ? after.map((item) => renamed(item, newName, oldName) as KubeObject) : after;
  const now = renders[after.indexOf(twin)] ?? twin;
  const differing = differences(before, renders).filter((key) => key !== keyText(keyOf(object)));
  if (!hasBecome(object, now, wanted)) {
    const isSame = equalJson(object, now);
    const text = isSame
      ? 'the file does not decide the value alone'
      : 'more of the object would change, or not to this value';
    return { holds: false, because: isSame ? 'none' : 'other', text };
  }
  if (differing.length > 0)
    return { holds: false, because: 'other', text: `it would change ${named(differing)} as well` };
  return isRenamed ? { holds: true, renamed: newName } : { holds: true };
}

/** Keys of objects that two renders do not have alike. */
export function differences(before: readonly KubeObject[], after: readonly KubeObject[]): string[] {
  const left = new Map(before.map((object) => [keyText(keyOf(object)), object]));
  const right = new Map(after.map((object) => [keyText(keyOf(object)), object]));
  return [...new Set([...left.keys(), ...right.keys()])].filter((key) => !equalJson(left.get(key), right.get(key)));
}

export function named(keys: readonly string[]): string {
  const names = keys.map((key) => {
    const [, kind = '', namespace = '', name = ''] = key.split('/');
    return describeKey({ kind, namespace, name });
  });
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${String(names.length - 3)} more` : names.join(', ');
}

/** The value is the live one; and with the former value in its place, the object is what it was. */
function hasBecome(before: KubeObject, after: KubeObject, { segments, desired, live }: Wanted): boolean {
  const value = jsonAt(after, segments);
  if (live === undefined ? value !== undefined : value === undefined || !equalJson(value, live)) return false;
  const forward = withChange(before, { segments, value: live });
  if (forward !== undefined && equalJson(withoutEmpty(forward), withoutEmpty(after))) return true;
  const back = withChange(after, { segments, value: desired });
  return back !== undefined && equalJson(withoutEmpty(back), withoutEmpty(before));
}

/** A map that lost its last field may stand there empty, or not at all: to a server that applies it there is no difference. */
function withoutEmpty(value: Json): Json | undefined {
  if (Array.isArray(value)) return value.map((item) => withoutEmpty(item) ?? null);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).flatMap(([name, item]) => {
    const kept = withoutEmpty(item);
    return kept === undefined || (isJsonObject(kept) && Object.keys(kept).length === 0) ? [] : [[name, kept] as const];
  });
  return Object.fromEntries(entries);
}

function renamed(value: Json, from: string, to: string): Json {
  if (typeof value === 'string') return value === from ? to : value;
  if (Array.isArray(value)) return value.map((item) => renamed(item, from, to));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, renamed(item, from, to)]));
}
