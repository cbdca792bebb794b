import type { FieldSet } from '../apply/fieldSet.ts';
import { serverApply } from '../apply/serverApply.ts';
import { serverUpdate } from '../apply/serverUpdate.ts';
import { type Json, equalJson, stringAt } from '../json.ts';
import { type KubeObject, apiVersionOf, nameOf, namespaceOf } from '../kube/objectKey.ts';
import { admitted } from './admission.ts';
import { Catalog } from './catalog.ts';
import { hasCondition } from './conditions.ts';
import { customKinds } from './customKinds.ts';
import { type Decoded, decodeObject } from './decode.ts';
import { heldForDeletion, isHeldByContent, protectedNamespaces } from './deletion.ts';
import { defaulted, markedForDeletion, preparedForCreate, preparedForUpdate, resetOf } from './lifecycle.ts';
import { listObjects } from './listing.ts';
import { finalizersOf, isDeleting, randomSuffix, randomUid, timestamp, uidOf } from './metadata.ts';
import { ObjectStore, type StoreSnapshot } from './objectStore.ts';
import { appliedConfiguration, nameMismatch, patchedBody, readMerged } from './requestBodies.ts';
import type {
  ApplyRequest,
  DeleteRequest,
  DeleteResult,
  ListAnswer,
  ListRequest,
  PatchRequest,
  WriteRequest,
  WriteResult,
} from './requests.ts';
import { type ServedKind, storageKeyOf } from './servedKind.ts';
import {
  StatusError,
  alreadyExists,
  badRequest,
  conflict,
  forbidden,
  invalid,
  notFound,
  staleVersion,
} from './statusError.ts';
import { validateChange, validateNew } from './validation/validateObject.ts';
import { changedUid, withOldTimes, withoutScaleTimes } from './writtenObject.ts';

export interface SimulatedClusterOptions {
  /** The kinds that are always served, see `builtInKinds`. */
  kinds: readonly ServedKind[];
  now(): Date;
  /** From 0 to below 1; makes uids and generated names. */
  random(): number;
}

/**
 * An in-memory Kubernetes API server (design §3.2): it stores, merges, defaults, validates and answers errors as the real one does.
 * Nothing happens by itself: controllers are run by `ControllerLoop`. Methods throw StatusError with the server's code and words.
 * Objects that it returns are its own and must not be changed.
 */
export class SimulatedCluster {
  readonly catalog: Catalog;
  readonly store = new ObjectStore();
  readonly #options: SimulatedClusterOptions;

  constructor(options: SimulatedClusterOptions) {
    this.#options = options;
    this.catalog = new Catalog(options.kinds);
    this.store.onChange((change) => {
      if (change.storageKey !== crdStorage) return;
      const crd = change.object;
      this.catalog.setCustom(
        nameOf(crd),
        change.type !== 'DELETED' && hasCondition(crd, 'Established') ? customKinds(crd) : [],
      );
    });
  }

  now(): Date {
    return this.#options.now();
  }

  random(): number {
    return this.#options.random();
  }

  /** A copy that shares the objects and goes its own way from here. */
  fork(changes: Partial<SimulatedClusterOptions> = {}): SimulatedCluster {
    const copy = new SimulatedCluster({ ...this.#options, ...changes });
    copy.load(this.store.snapshot());
    return copy;
  }

  load(snapshot: StoreSnapshot): void {
    this.store.load(snapshot);
    for (const crd of this.store.list(crdStorage))
      this.catalog.setCustom(nameOf(crd), hasCondition(crd, 'Established') ? customKinds(crd) : []);
  }

  get(kind: ServedKind, namespace: string, name: string): KubeObject {
    const found = this.find(kind, namespace, name);
    if (found === undefined) throw notFound(kind, name);
    return found;
  }

  find(kind: ServedKind, namespace: string, name: string): KubeObject | undefined {
    const found = this.store.get(storageKeyOf(kind), kind.namespaced ? namespace : '', name);
    return found === undefined ? undefined : inVersion(found, kind);
  }

  /** A stored object in the version of a kind. */
  asVersion(object: KubeObject, kind: ServedKind): KubeObject {
    return inVersion(object, kind);
  }

  list(kind: ServedKind, request: ListRequest = {}): ListAnswer {
    const answer = listObjects(this.store, kind, request);
    return { ...answer, objects: answer.objects.map((object) => inVersion(object, kind)) };
  }

  create(kind: ServedKind, namespace: string, body: Json, request: WriteRequest = {}): WriteResult {
    const { object, warnings } = this.#decode(body, kind, request);
    const named = this.#named(object, kind, namespace);
    return this.#create(kind, named, request, warnings, (complete) =>
      serverUpdate({ object: complete, ...this.#tracking(kind, request) }),
    );
  }

  /** Replaces an object, or its status (semantics K-1: a `resourceVersion` in the body makes it a compare-and-swap). */
  update(kind: ServedKind, namespace: string, name: string, body: Json, request: WriteRequest = {}): WriteResult {
    const { object, warnings } = this.#decode(body, kind, request);
    if (nameOf(object) === '') throw badRequest('name must be provided');
    const named = this.#named(object, kind, namespace);
    if (nameOf(named) !== name) throw nameMismatch(nameOf(named), name);
    const live = this.get(kind, namespace, name);
    const sentUid = uidOf(object);
    if (sentUid !== '' && sentUid !== uidOf(live)) {
      const why = `Precondition failed: UID in precondition: ${sentUid}, UID in object meta: ${uidOf(live)}`;
      throw conflict(kind, name, why);
    }
    return this.#update(kind, live, named, request, warnings);
  }

  patch(kind: ServedKind, namespace: string, name: string, patch: Json, request: PatchRequest): WriteResult {
    const live = this.get(kind, namespace, name);
    const { object, warnings } = this.#decode(patchedBody(kind, live, patch, request.type), kind, request);
    if (nameOf(object) !== name) throw nameMismatch(nameOf(object), name);
    return this.#update(kind, live, object, request, warnings);
  }

  /** Server-side apply (semantics K-1, M-*): creates what does not exist. */
  apply(kind: ServedKind, namespace: string, name: string, body: Json, request: ApplyRequest): WriteResult {
    const config = appliedConfiguration(kind, name, body, request);
    // Only checked here: what the merge complains about is named as it was sent.
    this.#named(config, kind, namespace);
    const live = this.find(kind, namespace, name);
    const sentVersion = stringAt(config, 'metadata', 'resourceVersion');
    if (live !== undefined && sentVersion !== undefined && sentVersion !== live.metadata['resourceVersion']) {
      throw staleVersion(kind, name);
    }
    if (live === undefined && request.subresource !== undefined) throw notFound(kind, name);
    const outcome = serverApply({
      live,
      config,
      ...this.#tracking(kind, request),
      manager: request.fieldManager ?? '',
      force: request.force ?? false,
    });
    if (outcome.result === 'conflict') {
      throw new StatusError(409, 'Conflict', outcome.error, {
        causes: outcome.conflicts.map(({ field, message }) => ({ reason: 'FieldManagerConflict', message, field })),
      });
    }
    if (outcome.result === 'invalid') {
      throw new StatusError(outcome.code, outcome.code === 400 ? 'BadRequest' : '', outcome.error);
    }
    const merged = this.#named(readMerged(outcome.object, kind), kind, namespace);
    if (live === undefined) return this.#create(kind, merged, request, [], (complete) => complete, false);
    const complete = defaulted(merged, kind, false);
    return this.#replace(kind, live, complete, request, []);
  }

  /** Removes an object, or marks it where finalizers hold it. */
  delete(kind: ServedKind, namespace: string, name: string, request: DeleteRequest = {}): DeleteResult {
    const live = this.get(kind, namespace, name);
    if (request.uid !== undefined && request.uid !== uidOf(live)) {
      throw conflict(
        kind,
        name,
        `Precondition failed: UID in precondition: ${request.uid}, UID in object meta: ${uidOf(live)}`,
      );
    }
    if (request.resourceVersion !== undefined && request.resourceVersion !== live.metadata['resourceVersion']) {
      throw staleVersion(kind, name);
    }
    if (storageKeyOf(kind) === '/namespaces' && protectedNamespaces.has(name)) {
      throw forbidden(kind, name, 'this namespace may not be deleted');
    }
    const held = heldForDeletion(kind, live, request);
    if (finalizersOf(held).length === 0 && !isHeldByContent(kind)) {
      const gone = request.dryRun === true ? live : this.store.remove(storageKeyOf(kind), namespaceOf(live), name);
      return { object: gone ?? live, gone: true };
    }
    const marked = markedForDeletion(held, kind, this.now());
    const terminating = isHeldByContent(kind) ? { ...marked, status: { phase: 'Terminating' } } : marked;
    if (request.dryRun === true || equalJson(terminating, live)) return { object: terminating, gone: false };
    return { object: this.store.put(storageKeyOf(kind), terminating), gone: false };
  }

  deleteCollection(kind: ServedKind, list: ListRequest, request: DeleteRequest): KubeObject[] {
    const { objects } = this.list(kind, list);
    return objects.map((object) => this.delete(kind, namespaceOf(object), nameOf(object), request).object);
  }

  /** For controllers: stores an object whose managedFields, defaults and validity are the caller's business. */
  write(kind: ServedKind, object: KubeObject): KubeObject {
    return this.store.put(storageKeyOf(kind), object);
  }

  #decode(body: Json, kind: ServedKind, request: WriteRequest): Decoded {
    return decodeObject(body, kind, request.validation ?? 'Warn');
  }

  #named(object: KubeObject, kind: ServedKind, namespace: string): KubeObject {
    const sent = namespaceOf(object);
    if (kind.namespaced && sent !== '' && sent !== namespace) {
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
    }
    const generated = stringAt(object, 'metadata', 'generateName') ?? '';
    const name =
      nameOf(object) === '' && generated !== '' ? generated + randomSuffix(() => this.random()) : nameOf(object);
    const metadata = {
      ...object.metadata,
      ...(name === '' ? {} : { name }),
      ...(kind.namespaced ? { namespace } : {}),
    };
    return { ...object, metadata };
  }

  #tracking(
    kind: ServedKind,
    request: WriteRequest,
  ): {
    manager: string;
    node: ServedKind['schema'];
    now: string;
    reset: FieldSet;
    subresource?: string;
    isServed: (apiVersion: string) => boolean;
  } {
    return {
      manager: request.fieldManager ?? '',
      node: kind.schema,
      now: timestamp(this.now()),
      reset: resetOf(kind, request.subresource),
      ...(request.subresource === undefined ? {} : { subresource: request.subresource }),
      isServed: (apiVersion) => this.catalog.servesVersion(apiVersion),
    };
  }

  /** `track` makes the managedFields of a create; an apply has made them already, and its defaults belong to nobody. */
  #create(
    kind: ServedKind,
    named: KubeObject,
    request: WriteRequest,
    warnings: readonly string[],
    track: (object: KubeObject) => KubeObject,
    dropNulls = true,
  ): WriteResult {
    const tracked = track(defaulted(named, kind, dropNulls));
    const prepared = preparedForCreate(
      tracked,
      kind,
      randomUid(() => this.random()),
      this.now(),
    );
    const object = admitted(this, kind, prepared, undefined);
    const errors = validateNew(object, kind);
    if (errors.length > 0) throw invalid(kind, nameOf(object), errors);
    if (this.find(kind, namespaceOf(object), nameOf(object)) !== undefined) throw alreadyExists(kind, nameOf(object));
    const stored = request.dryRun === true ? object : this.store.put(storageKeyOf(kind), object);
    return { object: stored, created: true, warnings };
  }

  #update(
    kind: ServedKind,
    live: KubeObject,
    sent: KubeObject,
    request: WriteRequest,
    warnings: readonly string[],
  ): WriteResult {
    const sentVersion = stringAt(sent, 'metadata', 'resourceVersion') ?? '';
    if (sentVersion !== '' && sentVersion !== live.metadata['resourceVersion']) throw staleVersion(kind, nameOf(live));
    const complete = defaulted(sent, kind);
    const tracked = withoutScaleTimes(serverUpdate({ live, object: complete, ...this.#tracking(kind, request) }));
    return this.#replace(kind, live, tracked, request, warnings);
  }

  #replace(
    kind: ServedKind,
    live: KubeObject,
    next: KubeObject,
    request: WriteRequest,
    warnings: readonly string[],
  ): WriteResult {
    const prepared = preparedForUpdate(next, live, kind, request.subresource);
    const object = withOldTimes(admitted(this, kind, prepared, live), live);
    const errors = [...changedUid(next, live), ...validateChange(object, live, kind, request.subresource)];
    if (errors.length > 0) throw invalid(kind, nameOf(live), errors);
    if (isDeleting(live) && finalizersOf(object).length === 0 && !isHeldByContent(kind)) {
      if (request.dryRun !== true) this.store.remove(storageKeyOf(kind), namespaceOf(live), nameOf(live));
      return { object, created: false, warnings };
    }
    if (equalJson(object, live)) return { object: live, created: false, warnings };
    const stored = request.dryRun === true ? object : this.store.put(storageKeyOf(kind), object);
    return { object: stored, created: false, warnings };
  }
}

const crdStorage = 'apiextensions.k8s.io/customresourcedefinitions';

/** Stored objects are in the version they were written in; conversion of custom kinds changes the version's name alone. */
function inVersion(object: KubeObject, kind: ServedKind): KubeObject {
  const apiVersion = apiVersionOf(kind);
  if (object.apiVersion === apiVersion) return object;
  return defaulted({ ...object, apiVersion }, kind);
}
