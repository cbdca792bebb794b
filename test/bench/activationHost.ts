// An extension host has loaded these long before, for itself.
import 'node:child_process';
import 'node:crypto';
import 'node:fs/promises';
import 'node:https';
import Module, { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import 'node:zlib';

/**
 * Loads and activates the built extension as an extension host does, with an editor that answers everything and shows nothing. Started by
 * activationBench; says on stdout how many milliseconds each took.
 */
const known: Readonly<Record<string, unknown>> = {
  workspaceFolders: [],
  visibleTextEditors: [],
  textDocuments: [],
  fsPath: tmpdir(),
  isTrusted: false,
};

const anything: object = new Proxy(function anything() {}, {
  get(target, key) {
    if (key === 'prototype') return Reflect.get(target, key) as unknown;
    if (key === 'then' || typeof key === 'symbol') return undefined;
    return Object.hasOwn(known, key) ? known[key] : anything;
  },
  set: () => true,
  // esbuild's copy of a module inherits from the prototype of the original.
  getPrototypeOf: () => anything,
  apply: () => anything,
  construct: () => anything,
});

const loader = Module as unknown as { _load(request: string, ...rest: unknown[]): unknown };
const load = loader._load.bind(loader);
loader._load = (request, ...rest): unknown => (request === 'vscode' ? anything : load(request, ...rest));

const nothing = { get: (): undefined => undefined, keys: (): string[] => [] };
const place = { fsPath: tmpdir() };
const context = {
  subscriptions: [],
  storageUri: place,
  globalStorageUri: place,
  extensionUri: place,
  workspaceState: nothing,
  globalState: nothing,
  extension: { packageJSON: {} },
};

const require = createRequire(import.meta.url);
const started = performance.now();
const extension = require(process.argv[2] ?? '') as { activate(context: unknown): unknown };
const loaded = performance.now();
extension.activate(context);
const activated = performance.now();
process.stdout.write(JSON.stringify({ load: loaded - started, activate: activated - loaded }), () => process.exit(0));
