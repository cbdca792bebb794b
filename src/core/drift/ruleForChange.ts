import { resolveSegments } from '../kustomize/declaredPlace.ts';
import type { Json, JsonObject } from '../json.ts';
import { type ObjectKey, groupVersionKindOf } from '../kube/objectKey.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import type { PathSegment } from '../location.ts';

/** A difference for which a rule is made. */
export interface DifferenceToIgnore {
  key: ObjectKey;
  segments: readonly PathSegment[];
  /** Both sides; positions in lists are those of the live one, where it has the place. */
  desired?: KubeObject;
  live?: KubeObject;
}

/** A rule for `spec.ignore` of a Kustomization or `spec.driftDetection.ignore` of a HelmRelease (semantics F-10); undefined where it has no pointer. */
export function fluxRuleFor(difference: DifferenceToIgnore): JsonObject | undefined {
  const pointer = pointerTo(difference);
  if (pointer === undefined) return undefined;
  const { group, kind, namespace, name } = difference.key;
  const target: JsonObject = {
    ...(group === '' ? {} : { group: literal(group) }),
    kind: literal(kind),
    name: literal(name),
    ...(namespace === '' ? {} : { namespace: literal(namespace) }),
  };
  return { paths: [pointer], target };
}

/**
 * A rule for `ignoreDifferences` of an Application (semantics A-9): a JSON pointer, or a jq expression where the way leads through a
 * list, whose positions would not stay what they are.
 */
export function argoRuleFor({ key, segments }: DifferenceToIgnore): JsonObject {
  const { group, kind, namespace, name } = key;
  const isPlain = segments.every((segment) => 'field' in segment);
  const written = isPlain
    ? { jsonPointers: [pointerOf(segments.map((segment) => ('field' in segment ? segment.field : '')))] }
    : { jqPathExpressions: [jqPathOf(segments)] };
  return { group, kind, name, ...(namespace === '' ? {} : { namespace }), ...written };
}

/** A rule for the setting `plumbline.ignore`; undefined where it has no pointer. */
export function settingRuleFor(difference: DifferenceToIgnore): JsonObject | undefined {
  const pointer = pointerTo(difference);
  if (pointer === undefined) return undefined;
  const { group, kind, namespace, name } = difference.key;
  return {
    ...(group === '' ? {} : { group }),
    kind,
    ...(namespace === '' ? {} : { namespace }),
    name,
    paths: [pointer],
  };
}

/** A Secret's text lives as `data` (semantics N-3), which is where rules look. */
function pointerTo({ segments, live, desired }: DifferenceToIgnore): string | undefined {
  for (const object of [live, desired]) {
    if (object === undefined) continue;
    const { path, complete } = resolveSegments(object, asLive(segments, object));
    if (complete && path.length > 0) return pointerOf(path);
  }
  return undefined;
}

function asLive(segments: readonly PathSegment[], object: KubeObject): readonly PathSegment[] {
  const [first, ...rest] = segments;
  const isText = first !== undefined && 'field' in first && first.field === 'stringData';
  const isSecret = groupVersionKindOf(object).group === '' && object.kind === 'Secret' && object['data'] !== undefined;
  return isText && isSecret ? [{ field: 'data' }, ...rest] : segments;
}

/** RFC 6901 */
function pointerOf(path: readonly (string | number)[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** A name that stands for itself in an anchored regular expression. */
function literal(name: string): string {
  return name.replaceAll(/[.+*?^${}()|[\]\\]/g, '\\$&');
}

function jqPathOf(segments: readonly PathSegment[]): string {
  return segments
    .map((segment, index) => {
      if ('field' in segment) return jqField(segment.field, index === 0);
      if ('index' in segment) return `[${segment.index}]`;
      const test =
        'value' in segment
          ? `. == ${JSON.stringify(segment.value)}`
          : Object.entries(segment.key)
              .map(([name, value]) => `${jqKey(name, value)} == ${JSON.stringify(value)}`)
              .join(' and ');
      return `[] | select(${test})${index === segments.length - 1 ? '' : ' | '}`;
    })
    .join('')
    .replaceAll(' | [', ' | .[');
}

function jqField(name: string, isFirst: boolean): string {
  if (/^[A-Za-z_]\w*$/.test(name)) return `.${name}`;
  return `${isFirst ? '.' : ''}[${JSON.stringify(name)}]`;
}

/** Git may leave out a protocol, which is TCP then (semantics M-5). */
function jqKey(name: string, value: Json): string {
  return name === 'protocol' && value === 'TCP' ? '(.protocol // "TCP")' : jqField(name, true);
}
