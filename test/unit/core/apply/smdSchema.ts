import type { Json } from '../../../../src/core/json.ts';
import {
  type ListShape,
  type MapShape,
  type ScalarKind,
  type SchemaNode,
  deducedNode,
} from '../../../../src/core/schema/schemaNode.ts';

interface Atom {
  scalar?: ScalarKind;
  list?: { elementType: TypeRef; elementRelationship: 'atomic' | 'associative'; keys?: string[] };
  map?: {
    fields?: { name: string; type: TypeRef; default?: Json }[];
    elementType?: TypeRef;
    elementRelationship?: 'separable' | 'atomic';
  };
}
interface TypeRef extends Atom {
  namedType?: string;
}
export interface SmdSchema {
  types: (Atom & { name: string })[];
}

/** Nodes of a schema in the format of structured-merge-diff, by type name. */
export function smdNodes(schema: SmdSchema): (name: string) => SchemaNode {
  const types = new Map(schema.types.map((type) => [type.name, type]));
  const nodes = new Map<string, SchemaNode>();
  const named = (name: string): SchemaNode => {
    const known = nodes.get(name);
    if (known !== undefined) return known;
    const type = types.get(name);
    if (type === undefined) throw new Error(`the schema has no type ${name}`);
    const node = nodeOf(type, resolve);
    nodes.set(name, node);
    return node;
  };
  const resolve = (reference: TypeRef): SchemaNode =>
    reference.namedType === undefined ? nodeOf(reference, resolve) : named(reference.namedType);
  return (name) => (name === 'deduced' ? deducedNode : named(name));
}

function nodeOf(atom: Atom, resolve: (reference: TypeRef) => SchemaNode): SchemaNode {
  const { list, map } = atom;
  return {
    ...(atom.scalar === undefined ? {} : { scalar: atom.scalar }),
    ...(list === undefined ? {} : { list: listOf(list, resolve) }),
    ...(map === undefined ? {} : { map: mapOf(map, resolve) }),
  };
}

function listOf(list: NonNullable<Atom['list']>, resolve: (reference: TypeRef) => SchemaNode): ListShape {
  const keys = list.keys ?? [];
  const associative = keys.length > 0 ? 'map' : 'set';
  let items: SchemaNode | undefined;
  return {
    keys,
    relationship: list.elementRelationship === 'atomic' ? 'atomic' : associative,
    get items(): SchemaNode {
      return (items ??= resolve(list.elementType));
    },
  };
}

function mapOf(map: NonNullable<Atom['map']>, resolve: (reference: TypeRef) => SchemaNode): MapShape {
  let fields: Map<string, SchemaNode> | undefined;
  return {
    relationship: map.elementRelationship === 'atomic' ? 'atomic' : 'granular',
    get fields(): ReadonlyMap<string, SchemaNode> | undefined {
      if (map.fields === undefined) return undefined;
      return (fields ??= new Map(
        map.fields.map(({ name, type, default: value }) => [
          name,
          value === undefined ? resolve(type) : { ...resolve(type), default: value },
        ]),
      ));
    },
    get values(): SchemaNode | undefined {
      return map.elementType === undefined ? undefined : resolve(map.elementType);
    },
  };
}
