import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { writeFieldsV1 } from '../../src/core/apply/fieldsV1.ts';
import { readManagedFields, withoutManagedFields } from '../../src/core/apply/managedFields.ts';
import { serverApply } from '../../src/core/apply/serverApply.ts';
import { serverUpdate } from '../../src/core/apply/serverUpdate.ts';
import { applyStrategicMergePatch } from '../../src/core/apply/strategicMergePatch.ts';
import { clientSideApply } from '../../src/core/apply/threeWay.ts';
import { type Json, type JsonObject, cloneJson, isJsonObject } from '../../src/core/json.ts';
import { parseJson, printJson } from '../../src/core/jsonText.ts';
import type { KubeObject } from '../../src/core/kube/objectKey.ts';
import { OpenApiSchema } from '../../src/core/schema/openApiSchema.ts';
import type { SchemaNode } from '../../src/core/schema/schemaNode.ts';
import { fetchText } from '../rig/cluster/apiClient.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { type WriteStep, deploymentOf, writeSteps } from './randomDeployments.ts';

const collection = '/apis/apps/v1/namespaces/default/deployments';
const scenarios = 60;

/** Random writes to Deployments, each predicted from the live object before it: owners, conflicts, and the object (semantics O-0). */
describe('core/apply against a real API server', { skip: await skipReason() }, () => {
  let plane: ControlPlane;
  let node: SchemaNode;
  before(async () => {
    plane = await startControlPlane({ controllers: false });
    const reply = await plane.api.get('/openapi/v3/apis/apps/v1');
    const found = new OpenApiSchema(parseJson(reply.body)).schemaFor({
      group: 'apps',
      version: 'v1',
      kind: 'Deployment',
    });
    assert.ok(found !== undefined);
    node = found;
  });
  after(() => plane.stop());

  test(`${scenarios} objects with up to six writes each`, async (t) => {
    const seed = Number(process.env['PLUMBLINE_SEED'] ?? Date.now() % 2 ** 31);
    t.diagnostic(`seed ${seed}`);
    const compared = new Map<string, number>();
    for (const [id, steps] of fc.sample(writeSteps, { seed, numRuns: scenarios }).entries()) {
      const played = new Played(plane, node, `d${id}`, compared);
      for (const [index, step] of steps.entries())
        await played.write(step, `seed ${seed}, object ${id}, step ${index}`);
    }
    t.diagnostic(`compared: ${JSON.stringify(Object.fromEntries(compared))}`);
    for (const what of ['apply', 'conflict', 'put', 'strategic', 'merge', 'kubectl']) {
      assert.ok((compared.get(what) ?? 0) > 0, `nothing was compared for ${what}`);
    }
  });
});

interface Answer {
  status: number;
  body: Json;
}

class Played {
  readonly #plane: ControlPlane;
  readonly #node: SchemaNode;
  readonly #name: string;
  readonly #compared: Map<string, number>;
  #live: KubeObject | undefined;

  constructor(plane: ControlPlane, node: SchemaNode, name: string, compared: Map<string, number>) {
    this.#plane = plane;
    this.#node = node;
    this.#name = name;
    this.#compared = compared;
  }

  async write(step: WriteStep, at: string): Promise<void> {
    const object = parseJson(JSON.stringify(deploymentOf(step.body, this.#name))) as KubeObject;
    switch (step.how) {
      case 'apply':
      case 'force':
        return this.#apply(object, step.manager, step.how === 'force', at);
      case 'put':
        return this.#put(object, step.manager, at);
      case 'kubectl':
        return this.#kubectl(object, at);
      default:
        return this.#live === undefined ? undefined : this.#patch(step.how, object, step.manager, at);
    }
  }

  async #apply(config: KubeObject, manager: string, force: boolean, at: string): Promise<void> {
    const predicted = serverApply({ live: this.#live, config, manager, force, node: this.#node, now: now() });
    const path = `${this.#path}?fieldManager=${manager}&force=${force}`;
    const answer = await this.#send('PATCH', path, config, 'application/apply-patch+yaml');
    if (answer.status === 409) {
      assert.ok(predicted.result === 'conflict', at);
      assert.deepEqual(
        predicted.conflicts.map(({ field, message }) => `${field} ${message}`).sort(),
        causesOf(answer),
        at,
      );
      this.#count('conflict');
    } else if (answer.status < 300) {
      assert.ok(predicted.result === 'ok' || predicted.result === 'unchanged', at);
      assert.deepEqual(ownersOf(predicted.object), ownersOf(answer.body), at);
      await this.#compareObjects(predicted.object, answer.body, at);
      this.#live = answer.body as KubeObject;
      this.#count('apply');
    } else {
      assert.equal(answer.status, 422, `${at}: ${printJson(answer.body)}`);
    }
  }

  async #put(object: KubeObject, manager: string, at: string): Promise<void> {
    const isNew = this.#live === undefined;
    const path = isNew ? collection : this.#path;
    const answer = await this.#send(isNew ? 'POST' : 'PUT', `${path}?fieldManager=${manager}`, object);
    if (answer.status < 300) this.#compareOwners('put', answer.body, manager, at);
  }

  async #patch(type: 'strategic' | 'merge', object: KubeObject, manager: string, at: string): Promise<void> {
    const live = this.#live;
    assert.ok(live !== undefined);
    const patch = { metadata: { labels: object.metadata['labels'] ?? null }, spec: object['spec'] ?? null };
    const predicted = applyStrategicMergePatch(live, patch, this.#node);
    const media = `application/${type === 'strategic' ? 'strategic-merge' : 'merge'}-patch+json`;
    const answer = await this.#send('PATCH', `${this.#path}?fieldManager=${manager}`, patch, media);
    if (answer.status >= 300) return;
    if (type === 'strategic') {
      assert.ok(predicted.result === 'ok', at);
      await this.#compareObjects(predicted.object as KubeObject, answer.body, at);
    }
    this.#compareOwners(type, answer.body, manager, at);
  }

  async #kubectl(config: KubeObject, at: string): Promise<void> {
    const live = this.#live;
    const predicted = live === undefined ? undefined : clientSideApply({ live, config, node: this.#node });
    const done = await this.#plane.tryKubectl(['apply', '-f', '-'], { input: printJson(config) });
    if (done.code !== 0) return;
    const answer = await this.#send('GET', this.#path);
    if (predicted !== undefined) {
      assert.ok(predicted.result !== 'invalid', at);
      await this.#compareObjects(predicted.object, answer.body, at);
    }
    this.#compareOwners('kubectl', answer.body, 'kubectl-client-side-apply', at);
  }

  /** The server defaults and converts the prediction in a dry run, so that only the merge itself is compared. */
  async #compareObjects(predicted: KubeObject, real: Json, at: string): Promise<void> {
    const bare = cloneJson(withoutManagedFields(predicted));
    delete bare.metadata['resourceVersion'];
    const stored = await this.#send('PUT', `${this.#path}?dryRun=All`, bare);
    assert.equal(stored.status, 200, `${at}: ${printJson(stored.body)}`);
    assert.deepEqual(withoutStamps(stored.body), withoutStamps(real), at);
  }

  #compareOwners(what: string, real: Json, manager: string, at: string): void {
    const object = real as KubeObject;
    const tracked = serverUpdate({
      live: this.#live,
      object: withoutManagedFields(object),
      manager,
      node: this.#node,
      now: now(),
    });
    assert.deepEqual(ownersOf(tracked), ownersOf(object), at);
    this.#live = object;
    this.#count(what);
  }

  get #path(): string {
    return `${collection}/${this.#name}`;
  }

  #count(what: string): void {
    this.#compared.set(what, (this.#compared.get(what) ?? 0) + 1);
  }

  async #send(method: string, path: string, body?: Json, type = 'application/json'): Promise<Answer> {
    const reply = await fetchText(this.#plane.server + path, {
      method,
      ca: this.#plane.ca,
      headers: { authorization: `Bearer ${this.#plane.tokens.admin}`, 'content-type': type },
      ...(body === undefined ? {} : { body: printJson(body) }),
    });
    return { status: reply.status, body: parseJson(reply.body) };
  }
}

function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}

function causesOf({ body }: Answer): string[] {
  const { details } = body as { details?: { causes?: { field: string; message: string }[] } };
  return (details?.causes ?? []).map(({ field, message }) => `${field} ${message}`).sort();
}

/** Managers with their fields, without times and order. */
function ownersOf(object: Json): string[] {
  const entries = readManagedFields(object);
  assert.ok(entries !== undefined);
  return entries
    .map(({ manager, operation, subresource = '', set }) =>
      [manager, operation, subresource, printJson(writeFieldsV1(set))].join(' '),
    )
    .sort();
}

function withoutStamps(object: Json): JsonObject {
  assert.ok(isJsonObject(object) && isJsonObject(object['metadata']));
  const metadata = { ...object['metadata'] };
  for (const name of ['managedFields', 'uid', 'creationTimestamp', 'resourceVersion', 'generation'])
    delete metadata[name];
  return { ...object, metadata };
}
