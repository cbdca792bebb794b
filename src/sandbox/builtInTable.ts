import { createHash } from 'node:crypto';
import { builtInKinds } from '../core/cluster/builtInKinds.ts';
import type { ServedKind } from '../core/cluster/servedKind.ts';
import type { Json } from '../core/json.ts';
import goTable from './builtin/goTypes.json' with { type: 'json' };
import table from './builtin/schemas.json' with { type: 'json' };

/** The table that `scripts/builtinSchemas.ts` made, see builtin/README.md. */
export const builtInTable: Json = table;

/** The version that the sandbox says it is. */
export const kubernetesVersion = { major: '1', minor: '35', gitVersion: 'v1.35.4-plumbline' };

let kinds: ServedKind[] | undefined;

/** The built-in kinds, read once. */
export function sandboxKinds(): ServedKind[] {
  kinds ??= builtInKinds(builtInTable, goTable as unknown as Json);
  return kinds;
}

export function hashOf(content: string): string {
  return createHash('sha512').update(content).digest('hex').toUpperCase();
}
