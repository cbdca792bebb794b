import { type Json, type JsonObject, field, isJsonObject, listAt, stringAt } from '../json.ts';
import { OpenApiSchema } from '../schema/openApiSchema.ts';
import { objectNode } from '../schema/schemaNode.ts';
import { GoTypes } from './goTypes.ts';
import type { ServedKind, ServedSubresource } from './servedKind.ts';

/** Not served: the same objects are served under another version, and no conversion between the two is simulated. */
const duplicates = new Set(['events.k8s.io/v1/events', 'autoscaling/v1/horizontalpodautoscalers']);

/**
 * The kinds of a table that `scripts/builtinSchemas.ts` made: `groupVersions` lists resources, `schemas` holds OpenAPI v3
 * component schemas. `goTable` is what `scripts/goTypes.ts` made.
 */
export function builtInKinds(table: Json, goTable?: Json): ServedKind[] {
  const names = schemaNames(table);
  const goTypes = new GoTypes(goTable);
  const schemas = new OpenApiSchema({ components: { schemas: field(table, 'schemas') ?? {} } });
  const groupVersions = field(table, 'groupVersions');
  return Object.entries(isJsonObject(groupVersions) ? groupVersions : {}).flatMap(([name, resources]) => {
    const slash = name.indexOf('/');
    const [group, version] = [name.slice(0, Math.max(slash, 0)), name.slice(slash + 1)];
    return (Array.isArray(resources) ? resources : []).flatMap((entry): ServedKind[] => {
      const kind = stringAt(entry, 'kind') ?? '';
      const resource = stringAt(entry, 'resource') ?? '';
      if (duplicates.has(`${name}/${resource}`)) return [];
      const goType = goTypes.struct(names.get(`${name}/${kind}`) ?? '');
      return [
        {
          ...(goType === undefined ? {} : { goType }),
          group,
          version,
          kind,
          resource,
          singular: kind.toLowerCase(),
          namespaced: field(entry, 'namespaced') === true,
          verbs: texts(entry, 'verbs'),
          shortNames: texts(entry, 'shortNames'),
          categories: texts(entry, 'categories'),
          subresources: listAt(entry, 'subresources').map((sub) => subresourceOf(sub, group, version)),
          schema: schemas.schemaFor({ group, version, kind }) ?? objectNode(),
        },
      ];
    });
  });
}

/** Names of component schemas by `group/version/kind`. */
export function schemaNames(table: Json): Map<string, string> {
  const names = new Map<string, string>();
  for (const [name, schema] of Object.entries(builtInSchemas(table))) {
    const [first, second] = listAt(schema, 'x-kubernetes-group-version-kind');
    if (first === undefined || second !== undefined) continue;
    const group = stringAt(first, 'group') ?? '';
    const version = stringAt(first, 'version') ?? '';
    names.set(`${group === '' ? '' : `${group}/`}${version}/${stringAt(first, 'kind') ?? ''}`, name);
  }
  return names;
}

function subresourceOf(entry: Json, group: string, version: string): ServedSubresource {
  return {
    name: stringAt(entry, 'name') ?? '',
    kind: {
      group: stringAt(entry, 'group') ?? group,
      version: stringAt(entry, 'version') ?? version,
      kind: stringAt(entry, 'kind') ?? '',
    },
    verbs: texts(entry, 'verbs'),
  };
}

function texts(entry: Json, key: string): string[] {
  return listAt(entry, key).filter((item) => typeof item === 'string');
}

/** The component schemas of the table, for documents made of it. */
export function builtInSchemas(table: Json): JsonObject {
  const schemas = field(table, 'schemas');
  return isJsonObject(schemas) ? schemas : {};
}
