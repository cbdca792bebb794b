import { randomUUID } from 'node:crypto';
import { applyJsonPatch } from '../../src/core/apply/jsonPatch.ts';
import { applyMergePatch } from '../../src/core/apply/mergePatch.ts';
import { serverApply } from '../../src/core/apply/serverApply.ts';
import { serverUpdate } from '../../src/core/apply/serverUpdate.ts';
import { applyStrategicMergePatch } from '../../src/core/apply/strategicMergePatch.ts';
import { type Json, type JsonObject, cloneJson, fieldAt, listAt, stringAt } from '../../src/core/json.ts';
import { type KubeObject, nameOf, namespaceOf } from '../../src/core/kube/objectKey.ts';
import { objectNode } from '../../src/core/schema/schemaNode.ts';

export interface FakeKind {
  group: string;
  version: string;
  apiVersion: string;
  kind: string;
  resource: string;
  namespaced: boolean;
  subresources: readonly string[];
}

export interface FakeWriteOptions {
  dryRun: boolean;
  manager: string;
  force: boolean;
}

/** An answer that is a Status. */
export class StatusAnswer extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: JsonObject;

  constructor(code: number, reason: string, message: string, details: JsonObject = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  toStatus(): JsonObject {
    const { code, reason, message, details } = this;
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details, code };
  }
}

interface PastEvent {
  revision: number;
  kind: FakeKind;
  event: JsonObject;
  was: KubeObject | undefined;
}

const builtIn = (group: string, version: string, kind: string, resource: string, namespaced: boolean): FakeKind => ({
  ...{ group, version, kind, resource, namespaced },
  apiVersion: group === '' ? version : `${group}/${version}`,
  subresources: resource === 'deployments' ? ['scale', 'status'] : [],
});

const definitions = 'customresourcedefinitions';

/** What the fake server holds. All answers are thrown `StatusAnswer`s or objects. */
export class FakeObjects {
  revision = 100;
  onEvent: (kind: FakeKind, event: JsonObject, was: KubeObject | undefined) => void = () => {};
  readonly #builtIn = [
    builtIn('', 'v1', 'Namespace', 'namespaces', false),
    builtIn('', 'v1', 'ConfigMap', 'configmaps', true),
    builtIn('', 'v1', 'Secret', 'secrets', true),
    builtIn('apps', 'v1', 'Deployment', 'deployments', true),
    builtIn('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition', definitions, false),
  ];
  readonly #objects = new Map<string, KubeObject>();
  #history: PastEvent[] = [];
  #oldest = 100;
  readonly #continues = new Map<string, KubeObject[]>();

  constructor() {
    for (const name of ['default', 'team']) {
      this.create(this.#kindOf('namespaces'), '', namespaceObject(name), {
        dryRun: false,
        manager: 'fake',
        force: false,
      });
    }
  }

  /** Built-in kinds and those that CustomResourceDefinitions bring. */
  get kinds(): readonly FakeKind[] {
    const custom = [...this.#objects.values()]
      .filter((object) => object.kind === 'CustomResourceDefinition')
      .flatMap((definition) =>
        listAt(definition, 'spec', 'versions').map((version) => ({
          ...builtIn(
            stringAt(definition, 'spec', 'group') ?? '',
            stringAt(version, 'name') ?? '',
            stringAt(definition, 'spec', 'names', 'kind') ?? '',
            stringAt(definition, 'spec', 'names', 'plural') ?? '',
            stringAt(definition, 'spec', 'scope') === 'Namespaced',
          ),
        })),
      );
    return [...this.#builtIn, ...custom];
  }

  serves(apiVersion: string): boolean {
    return this.kinds.some((kind) => kind.apiVersion === apiVersion);
  }

  /** Forgets what was, so that older watches and chunks get 410. */
  forgetHistory(): void {
    this.#oldest = this.revision;
    this.#history = [];
    this.#continues.clear();
  }

  resolve(path: string): { kind: FakeKind; namespace: string; name: string } | undefined {
    const match = /^\/(?:api\/([^/]+)|apis\/([^/]+\/[^/]+))(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?$/.exec(
      path,
    );
    const apiVersion = match?.[1] ?? match?.[2];
    const found = (resource: string | undefined): FakeKind | undefined =>
      this.kinds.find((kind) => kind.apiVersion === apiVersion && kind.resource === resource);
    const kind = found(match?.[4]);
    if (match !== null && kind !== undefined) {
      const known = this.#builtIn.find((each) => each.resource === kind.resource) ?? kind;
      return {
        kind: this.#intern(known),
        namespace: decodeURIComponent(match[3] ?? ''),
        name: decodeURIComponent(match[5] ?? ''),
      };
    }
    // `/api/v1/namespaces/NAME` reads as a namespace and a kind.
    const single = /^\/api\/v1\/namespaces\/([^/]+)$/.exec(path);
    return single === null
      ? undefined
      : { kind: this.#kindOf('namespaces'), namespace: '', name: decodeURIComponent(single[1] ?? '') };
  }

  get(kind: FakeKind, namespace: string, name: string): KubeObject {
    const object = this.#objects.get(keyOf(kind, namespace, name));
    if (object === undefined) throw notFound(kind, name);
    return object;
  }

  list(kind: FakeKind, namespace: string, query: URLSearchParams): JsonObject {
    const token = query.get('continue');
    const limit = Number(query.get('limit') ?? 0);
    const selector = query.get('labelSelector') ?? '';
    const all =
      token === null
        ? [...this.#objects]
            .filter(([key]) => key.startsWith(`${kind.apiVersion}/${kind.resource}/`))
            .map(([, object]) => object)
        : this.#continues.get(token);
    if (all === undefined) throw new StatusAnswer(410, 'Expired', 'The provided continue parameter is too old');
    const matching = all.filter((object) => this.matches(object, namespace, selector));
    const items = limit === 0 ? matching : matching.slice(0, limit);
    const metadata: JsonObject = { resourceVersion: String(this.revision) };
    if (items.length < matching.length) {
      const next = randomUUID();
      this.#continues.set(next, matching.slice(items.length));
      metadata['continue'] = next;
    }
    // As the API server does: items have neither apiVersion nor kind.
    const bare = items.map(({ apiVersion: _a, kind: _k, ...rest }) => rest);
    return { apiVersion: kind.apiVersion, kind: `${kind.kind}List`, metadata, items: bare };
  }

  matches(object: KubeObject, namespace: string, selector: string): boolean {
    if (namespace !== '' && namespaceOf(object) !== namespace) return false;
    return selector
      .split(',')
      .filter((term) => term !== '')
      .every((term) => {
        const [key = '', value = ''] = term.split('=');
        return fieldAt(object, 'metadata', 'labels', key) === value;
      });
  }

  create(kind: FakeKind, namespace: string, object: KubeObject, options: FakeWriteOptions): KubeObject {
    this.#checkNamespace(kind, namespace);
    const name = nameOf(object);
    if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name)) {
      throw new StatusAnswer(
        422,
        'Invalid',
        `${kind.kind} "${name}" is invalid: metadata.name: Invalid value: "${name}"`,
        {
          causes: [{ reason: 'FieldValueInvalid', field: 'metadata.name', message: `Invalid value: "${name}"` }],
        },
      );
    }
    if (this.#objects.has(keyOf(kind, namespace, name))) {
      throw new StatusAnswer(409, 'AlreadyExists', `${kind.resource} "${name}" already exists`);
    }
    return this.#store(kind, namespace, this.#updated(undefined, object, options), options);
  }

  apply(
    kind: FakeKind,
    namespace: string,
    name: string,
    config: KubeObject,
    options: FakeWriteOptions,
  ): { created: boolean; object: KubeObject } {
    this.#checkNamespace(kind, namespace);
    if (config.metadata['managedFields'] !== undefined) {
      throw new StatusAnswer(400, 'BadRequest', 'metadata.managedFields must be nil');
    }
    const live = this.#objects.get(keyOf(kind, namespace, name));
    const { manager, force } = options;
    const result = serverApply({ live, config, manager, force, node: objectNode(), now: now() });
    if (result.result === 'invalid') throw new StatusAnswer(result.code, 'InternalError', result.error);
    if (result.result === 'conflict') {
      throw new StatusAnswer(409, 'Conflict', result.error, {
        causes: result.conflicts.map(({ field, message }) => ({ reason: 'FieldManagerConflict', field, message })),
      });
    }
    return { created: live === undefined, object: this.#store(kind, namespace, result.object, options) };
  }

  patch(
    kind: FakeKind,
    namespace: string,
    name: string,
    patch: Json,
    type: string,
    options: FakeWriteOptions,
  ): KubeObject {
    const live = this.get(kind, namespace, name);
    let patched: Json;
    if (type.startsWith('application/merge-patch')) patched = applyMergePatch(live, patch);
    else {
      const result = type.startsWith('application/json-patch')
        ? applyJsonPatch(live, patch)
        : applyStrategicMergePatch(live, patch, objectNode());
      if (result.result === 'invalid') throw new StatusAnswer(422, 'Invalid', result.error);
      patched = result.object;
    }
    return this.#store(kind, namespace, this.#updated(live, patched as KubeObject, options), options);
  }

  remove(kind: FakeKind, namespace: string, name: string, body: Json, dryRun: boolean): JsonObject {
    const object = this.get(kind, namespace, name);
    const uid = stringAt(body, 'preconditions', 'uid');
    if (uid !== undefined && uid !== object.metadata['uid']) {
      throw new StatusAnswer(409, 'Conflict', `Precondition failed: UID in precondition: ${uid}`);
    }
    if (!dryRun && listAt(body, 'dryRun').length === 0) {
      this.#objects.delete(keyOf(kind, namespace, name));
      this.revision += 1;
      const metadata = { ...object.metadata, resourceVersion: String(this.revision) };
      this.#publish(kind, { type: 'DELETED', object: { ...object, metadata } }, object);
    }
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name, uid: object.metadata['uid'] ?? '' },
    };
  }

  /** @throws {StatusAnswer} 410 when it forgot them. */
  eventsSince(kind: FakeKind, revision: number): PastEvent[] {
    if (revision < this.#oldest) throw new StatusAnswer(410, 'Expired', `too old resource version: ${revision}`);
    return this.#history.filter((past) => past.kind === kind && past.revision > revision);
  }

  #updated(live: KubeObject | undefined, object: KubeObject, { manager }: FakeWriteOptions): KubeObject {
    return serverUpdate({ live, object, manager, node: objectNode(), now: now() });
  }

  #store(kind: FakeKind, namespace: string, object: KubeObject, { dryRun }: FakeWriteOptions): KubeObject {
    const key = keyOf(kind, namespace, nameOf(object));
    const was = this.#objects.get(key);
    const stored = cloneJson(object);
    stored.metadata['uid'] ??= was?.metadata['uid'] ?? randomUUID();
    stored.metadata['creationTimestamp'] ??= now();
    if (dryRun) return stored;
    this.revision += 1;
    stored.metadata['resourceVersion'] = String(this.revision);
    this.#objects.set(key, stored);
    this.#publish(kind, { type: was === undefined ? 'ADDED' : 'MODIFIED', object: stored }, was);
    return stored;
  }

  #publish(kind: FakeKind, event: JsonObject, was: KubeObject | undefined): void {
    this.#history.push({ revision: this.revision, kind, event, was });
    this.onEvent(kind, event, was);
  }

  #checkNamespace(kind: FakeKind, namespace: string): void {
    if (!kind.namespaced || this.#objects.has(keyOf(this.#kindOf('namespaces'), '', namespace))) return;
    throw notFound(this.#kindOf('namespaces'), namespace);
  }

  #kindOf(resource: string): FakeKind {
    return this.#builtIn.find((kind) => kind.resource === resource) as FakeKind;
  }

  readonly #interned = new Map<string, FakeKind>();

  /** The same object for the same kind, so that watches compare by identity. */
  #intern(kind: FakeKind): FakeKind {
    const key = `${kind.apiVersion}/${kind.resource}`;
    const known = this.#interned.get(key) ?? kind;
    this.#interned.set(key, known);
    return known;
  }
}

function namespaceObject(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

function keyOf(kind: FakeKind, namespace: string, name: string): string {
  return `${kind.apiVersion}/${kind.resource}/${namespace}/${name}`;
}

function notFound(kind: FakeKind, name: string): StatusAnswer {
  const plural = kind.group === '' ? kind.resource : `${kind.resource}.${kind.group}`;
  return new StatusAnswer(404, 'NotFound', `${plural} "${name}" not found`, { name, kind: kind.resource });
}

function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}
