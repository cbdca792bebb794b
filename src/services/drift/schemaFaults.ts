import { encryptionOf } from '../../core/drift/mask.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import { describeKey } from '../../core/kube/objectKey.ts';
import type { Location } from '../../core/location.ts';
import type { Problem } from '../../core/problem.ts';
import { formatPath, valueAt } from '../../core/schema/path.ts';
import type { SchemaNode } from '../../core/schema/schemaNode.ts';
import { type SchemaFinding, validateObject } from '../../core/schema/validate.ts';
import type { Target } from './target.ts';

/**
 * What the API server would refuse in a declared object, by the cluster's own schema of its kind (semantics N-8, N-12). Nothing where the
 * cluster does not serve the kind or shows no schema, and nothing of a Secret that is encrypted in Git.
 */
export function schemaFaults(
  { rendered, resource }: Target,
  live: KubeObject | undefined,
  node: SchemaNode,
): readonly SchemaFinding[] {
  if (rendered === undefined || resource === undefined || encryptionOf(rendered.object) === 'sops') return [];
  const faults = faultsOf(rendered.object, node);
  // What the cluster holds its server knows, whatever the schema at hand says; and what is required may be another applier's to give.
  const isHeld = ({ segments }: SchemaFinding): boolean => valueAt(live, segments, node) !== undefined;
  return faults.filter(
    (fault) => (fault.code !== 'unknown-field' && fault.code !== 'missing-required') || !isHeld(fault),
  );
}

/** By declared object, which is never changed: live ones come and go. */
const known = new WeakMap<KubeObject, { node: SchemaNode; faults: readonly SchemaFinding[] }>();

function faultsOf(object: KubeObject, node: SchemaNode): readonly SchemaFinding[] {
  const before = known.get(object);
  if (before?.node === node) return before.faults;
  const faults = validateObject(object, node);
  known.set(object, { node, faults });
  return faults;
}

const remedies: Readonly<Record<SchemaFinding['code'], string>> = {
  'unknown-field': 'Correct its name or remove it: server-side apply refuses it, other ways drop it.',
  'wrong-type': 'Write a value of that type: the API server refuses the object as it is.',
  'duplicate-key': 'Keep one of the items: server-side apply refuses both.',
  'invalid-item': 'Give each item its key: server-side apply refuses the list.',
  'missing-required': 'Add it: the API server refuses the object without.',
  'bad-enum': 'Take one of the values that its kind knows: the API server refuses any other.',
  'bad-format': 'Correct the value: the API server refuses it.',
};

/** A fault is said once, on its line, and never as drift. */
export function faultProblem(
  { application, key }: Target,
  fault: SchemaFinding,
  location: Location | undefined,
): Problem {
  return {
    code: 'invalid-against-schema',
    severity: 'warning',
    message: `${describeKey(key)} ${whatIsWrong(fault)}.`,
    remedy: remedies[fault.code],
    application: application.id,
    object: key,
    ...(location === undefined ? {} : { location }),
  };
}

function whatIsWrong({ code, segments, message }: SchemaFinding): string {
  const path = formatPath(segments);
  switch (code) {
    case 'unknown-field':
      return `has a field that its kind does not know: ${path}`;
    case 'missing-required':
      return `lacks a field that its kind requires: ${path}`;
    default:
      return `has a wrong value: ${path}: ${message}`;
  }
}
