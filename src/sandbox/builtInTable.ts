import { createHash } from 'node:crypto';
import { builtInKinds, schemaNames } from '../core/cluster/builtInKinds.ts';
import { type GoStruct, GoTypes } from '../core/cluster/goTypes.ts';
import type { ServedKind } from '../core/cluster/servedKind.ts';
import type { Json } from '../core/json.ts';
import goTable from './builtin/goTypes.json' with { type: 'json' };
import table from './builtin/schemas.json' with { type: 'json' };

/** The table that `scripts/builtinSchemas.ts` made, see builtin/README.md. */
export const builtInTable: Json = table;

/** The version that the sandbox says it is. */
export const kubernetesVersion = { major: '1', minor: '35', gitVersion: 'v1.35.4-plumbline' };

const goTypes = new GoTypes(goTable);
const metaPrefix = 'io.k8s.apimachinery.pkg.apis.meta.v1.';
let names: Map<string, string> | undefined;

/** The Go type of a built-in kind, also of those that are only sent: `DeleteOptions` comes in the version of what it deletes. */
export function goStructOf(apiVersion: string, kind: string): GoStruct | undefined {
  if (kind === 'DeleteOptions') return goTypes.struct(metaPrefix + kind);
  names ??= schemaNames(builtInTable);
  return goTypes.struct(names.get(`${apiVersion}/${kind}`) ?? '');
}

let kinds: ServedKind[] | undefined;

/** The built-in kinds, read once. */
export function sandboxKinds(): ServedKind[] {
  kinds ??= builtInKinds(builtInTable, goTable);
  return kinds;
}

export function hashOf(content: string): string {
  return createHash('sha512').update(content).digest('hex').toUpperCase();
}
