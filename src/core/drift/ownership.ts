import type { FieldSet } from '../apply/fieldSet.ts';
import { readFieldsV1 } from '../apply/fieldsV1.ts';
import type { PathElement } from '../schema/pathElement.ts';
import { isJsonObject, listAt, stringAt } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import type { FieldManager } from '../report.ts';

/** One entry of managedFields with what it owns at and below some path. */
interface Owner {
  readonly manager: FieldManager;
  readonly owned: FieldSet;
}

/** Who owns the value at a path, or anything in it. Nobody is the empty list. */
export type Owners = readonly Owner[];

/** The owners of a whole live object; entries that cannot be read are left out (semantics M-14, M-20). */
export function readOwners(live: KubeObject): Owners {
  const owners: Owner[] = [];
  for (const entry of listAt(live, 'metadata', 'managedFields')) {
    const name = stringAt(entry, 'manager');
    const operation = stringAt(entry, 'operation');
    if (name === undefined || !isJsonObject(entry) || (operation !== 'Apply' && operation !== 'Update')) continue;
    const owned = readFieldsV1(entry['fieldsV1']);
    if (owned === undefined) continue;
    const subresource = stringAt(entry, 'subresource') ?? '';
    const time = stringAt(entry, 'time');
    owners.push({
      manager: {
        name,
        operation,
        ...(subresource === '' ? {} : { subresource }),
        ...(time === undefined ? {} : { time }),
      },
      owned,
    });
  }
  return owners;
}

/**
 * The owners one step further down. Who owns an atomic value owns all that is in it. Where the type is `deduced`, the server may
 * have known an atomic value that we do not, so who owns a container and nothing in it keeps it.
 */
export function ownersBelow(owners: Owners, element: PathElement, type: 'granular' | 'atomic' | 'deduced'): Owners {
  if (owners.length === 0 || type === 'atomic') return owners;
  const below: Owner[] = [];
  for (const owner of owners) {
    const child = owner.owned.child(element);
    if (child !== undefined) below.push({ manager: owner.manager, owned: child });
    else if (type === 'deduced' && owner.owned.isEmpty && owner.owned.member) below.push(owner);
  }
  return below;
}
