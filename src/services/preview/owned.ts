import { type KubeObject, type ObjectKey, keyText } from '../../core/kube/objectKey.ts';
import { type PreparedApplication, isWhole } from '../drift/prepareComparison.ts';

/** An object of an engine's inventory, and what the cluster holds of it. */
export interface OwnedObject {
  key: ObjectKey;
  version: string;
  live: KubeObject | undefined;
}

/**
 * What a source no longer declares of what is owned. Of a source that was read in part nobody knows that, least of all that all of it is to
 * be deleted; nor of kinds (in lower case) that were left out.
 */
export function notDeclared(
  owned: readonly OwnedObject[],
  prepared: PreparedApplication,
  skipKinds: ReadonlySet<string>,
): OwnedObject[] {
  if (!isWhole(prepared)) return [];
  const declared = new Set(prepared.targets.map((target) => keyText(target.key)));
  return owned.filter(({ key }) => !declared.has(keyText(key)) && !skipKinds.has(key.kind.toLowerCase()));
}
