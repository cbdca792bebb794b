import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/**
 * Makes the sandbox's table of Go types: `node scripts/goTypes.ts --modules DIR --version 0.35.4`, where DIR is `k8s.io` in a Go
 * module cache. For each field of the kinds' types it tells what OpenAPI does not: its number in protobuf, and whether it is a
 * pointer or left out when it is empty. That decides what an API server makes of `0`, `""`, `false` and empty lists.
 */
const target = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src', 'sandbox', 'builtin', 'goTypes.json');
const { values: options } = parseArgs({ options: { modules: { type: 'string' }, version: { type: 'string' } } });
if (options.modules === undefined || options.version === undefined)
  throw new Error('Say --modules DIR --version VERSION');
const { modules, version } = options;

/** A field: its protobuf number, flags, and the type of it or of its items. */
type FieldEntry = [number: number, flags: string, type: string];

interface Package {
  path: string;
  structs: Map<string, { name: string; tags: string; type: string }[]>;
  /** Named types that are no structs: `type PullPolicy string`. */
  aliases: Map<string, string>;
  imports: Map<string, string>;
}

/** Types that print themselves as something else; the reader knows them by name. */
const special = new Set(
  ['Time', 'MicroTime', 'Duration', 'FieldsV1']
    .map((name) => `io.k8s.apimachinery.pkg.apis.meta.v1.${name}`)
    .concat(
      'io.k8s.apimachinery.pkg.api.resource.Quantity',
      'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
      'io.k8s.apimachinery.pkg.runtime.RawExtension',
      'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON',
      'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray',
      'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool',
      'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray',
    ),
);
const scalars: Readonly<Record<string, string>> = {
  string: 's',
  bool: 'b',
  float64: 'f',
  '[]byte': 'y',
  int: 'n',
  int32: 'n',
  int64: 'n',
  uint32: 'n',
  uint64: 'n',
};

const packages = new Map<string, Package>();

function openApiName(path: string, name: string): string {
  const [host = '', ...rest] = path.split('/');
  return [...host.split('.').reverse(), ...rest, name].join('.');
}

function folderOf(path: string): string | undefined {
  const [, module = '', ...rest] = path.split('/');
  const folder = join(modules, `${module}@v${version}`, ...rest);
  return path.startsWith('k8s.io/') && existsSync(folder) ? folder : undefined;
}

function load(path: string): Package | undefined {
  const known = packages.get(path);
  if (known !== undefined) return known;
  const folder = folderOf(path);
  if (folder === undefined) return undefined;
  const loaded: Package = { path, structs: new Map(), aliases: new Map(), imports: new Map() };
  packages.set(path, loaded);
  for (const file of readdirSync(folder)) {
    if (!file.endsWith('.go') || file.endsWith('_test.go') || file.startsWith('zz_') || file.startsWith('generated'))
      continue;
    read(readFileSync(join(folder, file), 'utf8'), loaded);
  }
  return loaded;
}

function read(source: string, into: Package): void {
  for (const [, alias, path = ''] of source.matchAll(/^\t(?:(\w+) )?"(k8s\.io\/[^"]+)"$/gm)) {
    const parts = path.split('/');
    into.imports.set(alias ?? parts.at(-1) ?? '', path);
  }
  for (const [, name = '', body = ''] of source.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)) {
    const fields = [...body.matchAll(/^\t(?:(\w+)\s+)?([^\s`/][^`\n]*?)\s*`([^`]*)`/gm)].map(
      ([, field, type = '', tags = '']) => ({
        name: field ?? '',
        type: type.trim(),
        tags,
      }),
    );
    into.structs.set(name, fields);
  }
  for (const [, name = '', type = ''] of source.matchAll(
    /^type (\w+) ((?:\[\]|map\[|\*)?[\w.[\]]+)(?:\s*\/\/.*)?$/gm,
  )) {
    if (type !== 'struct') into.aliases.set(name, type);
  }
}

interface Resolved {
  pointer: boolean;
  shape: '' | 'l' | 'm';
  type: string;
}

function resolve(type: string, within: Package): Resolved {
  if (type.startsWith('*')) return { ...resolve(type.slice(1), within), pointer: true };
  if (Object.hasOwn(scalars, type)) return { pointer: false, shape: '', type: scalars[type] ?? '' };
  if (type.startsWith('[]')) return { pointer: false, shape: 'l', type: resolve(type.slice(2), within).type };
  const map = /^map\[[^\]]+\](.+)$/.exec(type);
  if (map !== null) return { pointer: false, shape: 'm', type: resolve(map[1] ?? '', within).type };
  const [first = '', second] = type.split('.');
  const path = second === undefined ? within.path : within.imports.get(first);
  if (path === undefined) throw new Error(`${within.path}: what is ${type}?`);
  const name = second ?? first;
  const full = openApiName(path, name);
  if (special.has(full)) return { pointer: false, shape: '', type: full };
  const owner = load(path);
  const alias = owner?.aliases.get(name);
  if (owner !== undefined && alias !== undefined) return resolve(alias, owner);
  if (owner?.structs.has(name) === true) addStruct(owner, name);
  return { pointer: false, shape: '', type: full };
}

const table: Record<string, Record<string, FieldEntry>> = {};

function addStruct(within: Package, name: string): void {
  const full = openApiName(within.path, name);
  if (Object.hasOwn(table, full) || special.has(full)) return;
  const entries: Record<string, FieldEntry> = {};
  table[full] = entries;
  for (const field of within.structs.get(name) ?? []) {
    const json = /json:"([^"]*)"/.exec(field.tags)?.[1]?.split(',') ?? [];
    const protobuf = /protobuf:"([^"]*)"/.exec(field.tags)?.[1]?.split(',') ?? [];
    const number = Number(protobuf[1] ?? 0);
    const inline = json.includes('inline');
    if (json[0] === '-' || (inline && number === 0 && field.type.endsWith('TypeMeta'))) continue;
    const { pointer, shape, type } = resolve(field.type, within);
    const flags = [
      pointer ? 'p' : '',
      json.includes('omitempty') || json.includes('omitzero') ? 'o' : '',
      json.includes('omitzero') ? 'z' : '',
      inline ? 'i' : '',
      shape,
    ].join('');
    const key = inline ? (protobuf.find((part) => part.startsWith('name='))?.slice(5) ?? field.type) : (json[0] ?? '');
    if (key !== '') entries[key] = [number, flags, type];
  }
}

const groups = readdirSync(join(modules, `api@v${version}`), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap((entry) => ['v1', 'v2'].map((one) => `k8s.io/api/${entry.name}/${one}`));
const roots = [
  ...groups,
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1',
  'k8s.io/kube-aggregator/pkg/apis/apiregistration/v1',
];
for (const root of roots) {
  const loaded = load(root);
  for (const name of loaded?.structs.keys() ?? []) if (loaded !== undefined) addStruct(loaded, name);
}
// Options of requests come in bodies too.
const meta = load('k8s.io/apimachinery/pkg/apis/meta/v1');
if (meta !== undefined) addStruct(meta, 'DeleteOptions');

const head = {
  license: 'Apache-2.0',
  copyright: 'The Kubernetes Authors',
  source: `facts about the types of k8s.io/api ${version} and its siblings, read by scripts/goTypes.ts`,
  fields: '[protobuf number, p pointer | o left out when empty | z also as a struct | i inline | l list | m map, type]',
};
const lines = Object.keys(table)
  .sort()
  .map((name) => `${JSON.stringify(name)}:${JSON.stringify(table[name])}`);
writeFileSync(target, `${JSON.stringify(head).slice(0, -1)},"types":{\n${lines.join(',\n')}}}\n`);
console.log(`${target}: ${lines.length} types`);
