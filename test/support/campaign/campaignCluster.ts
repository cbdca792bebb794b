import assert from 'node:assert/strict';
import { stringAt } from '../../../src/core/json.ts';
import { type KubeObject, keyText, nameOf, namespaceOf } from '../../../src/core/kube/objectKey.ts';
import type { ObjectReport } from '../../../src/core/report.ts';
import { type ControlPlane, startControlPlane } from '../../rig/cluster/controlPlane.ts';
import { until } from '../../rig/cluster/until.ts';
import type { Way } from '../deliver.ts';
import { type DeliveredSource, corporaCluster, deliverCorpora, disposeSources } from '../deliveredCorpora.ts';
import { DriftCheck } from '../driftCheck.ts';
import { type Target, pathOf } from './operations.ts';
import { deliverRare } from './rareManifests.ts';
import { SpelledLines } from './spelledLines.ts';

/** An object of a source that was delivered. */
export interface LiveTarget extends Target {
  readonly source: DeliveredSource;
  readonly desired: KubeObject;
  readonly id: string;
}

/** A real API server to which all sources were delivered in one way, and what a campaign asks of it. */
export class CampaignCluster {
  readonly plane: ControlPlane;
  readonly targets: readonly LiveTarget[];
  /** Where the files of each source spell out values. */
  readonly spelled: ReadonlyMap<DeliveredSource, SpelledLines>;
  readonly #check: DriftCheck;
  readonly #sources: readonly DeliveredSource[];
  /** Objects whose replicas are an autoscaler's, which puts them back when it likes. */
  readonly #autoscaled: ReadonlySet<string>;

  private constructor(plane: ControlPlane, check: DriftCheck, sources: readonly DeliveredSource[], read: ReadSources) {
    this.plane = plane;
    this.#check = check;
    this.#sources = sources;
    this.targets = read.targets;
    this.spelled = read.spelled;
    this.#autoscaled = new Set(read.targets.flatMap(({ desired }) => scaledBy(desired) ?? []));
  }

  static async start(way: Way): Promise<CampaignCluster> {
    const plane = await startControlPlane(corporaCluster);
    try {
      const check = new DriftCheck(plane);
      const sources = [...(await deliverCorpora(plane, way)), await deliverRare(plane, way)];
      return new CampaignCluster(plane, check, sources, await readSources(check, sources));
    } catch (error) {
      await plane.stop();
      throw error;
    }
  }

  async dispose(): Promise<void> {
    this.#check.dispose();
    await this.plane.stop();
    await disposeSources(this.#sources);
  }

  isAutoscaled(live: KubeObject): boolean {
    return this.#autoscaled.has(`${live.kind}/${namespaceOf(live)}/${nameOf(live)}`);
  }

  async find(target: LiveTarget): Promise<KubeObject | undefined> {
    const reply = await this.plane.api.get(pathOf(target.resource, target.desired));
    if (reply.status === 404) return undefined;
    assert.equal(reply.status, 200, `${target.id}: ${reply.body.slice(0, 200)}`);
    return JSON.parse(reply.body) as KubeObject;
  }

  async get(target: LiveTarget): Promise<KubeObject> {
    const object = await this.find(target);
    assert.ok(object, `${target.id} is there`);
    return object;
  }

  async delete(target: LiveTarget): Promise<void> {
    const options = { propagationPolicy: 'Background' };
    await this.plane.api.send('DELETE', pathOf(target.resource, target.desired), options);
  }

  /** Puts an object back as it was, owners included: the first request restores the fields, the second who owns them. */
  async restore(target: LiveTarget, before: KubeObject): Promise<void> {
    const path = pathOf(target.resource, target.desired);
    const { managedFields = [], uid: _uid, ...metadata } = before.metadata;
    const put = async (object: KubeObject, from: KubeObject): Promise<void> => {
      // Whatever was deleted and made again has another uid.
      const { resourceVersion = '', uid = '' } = from.metadata;
      await this.plane.api.send('PUT', path, { ...object, metadata: { ...object.metadata, resourceVersion, uid } });
    };
    const fields = async (): Promise<true> => {
      const now = await this.find(target);
      const { resourceVersion: _version, ...fresh } = metadata;
      const collection = path.slice(0, path.lastIndexOf('/'));
      if (now === undefined) await this.plane.api.send('POST', collection, { ...before, metadata: fresh });
      else await put(before, now);
      return true;
    };
    // Apart from the fields: their restoring wakes controllers, whose writes come in between.
    const owners = async (): Promise<true> => {
      const now = await this.get(target);
      await put({ ...now, metadata: { ...now.metadata, managedFields } }, now);
      return true;
    };
    await until(`${target.id} is put back`, fields, { timeout: 20_000 });
    await until(`${target.id} has its owners back`, owners, { timeout: 20_000 });
  }

  /** What is reported of every object, by the id of its target. */
  async reports(of: readonly DeliveredSource[] = this.#sources): Promise<Map<string, ObjectReport>> {
    const found = new Map<string, ObjectReport>();
    for (const { name, repository, below, namespace } of of) {
      const report = await this.#check.check(repository.folder, { below, namespace });
      for (const { objects } of report.applications) {
        for (const object of objects) found.set(`${name} ${keyText(object)}`, object);
      }
    }
    return found;
  }
}

interface ReadSources {
  targets: LiveTarget[];
  spelled: Map<DeliveredSource, SpelledLines>;
}

async function readSources(check: DriftCheck, sources: readonly DeliveredSource[]): Promise<ReadSources> {
  const targets: LiveTarget[] = [];
  const spelled = new Map<DeliveredSource, SpelledLines>();
  for (const source of sources) {
    const { repository, below, namespace } = source;
    for (const { target, node } of await check.targets(repository.folder, { below, namespace })) {
      const { resource, rendered, key } = target;
      if (resource === undefined || rendered === undefined) continue;
      targets.push({ resource, node, source, desired: rendered.object, id: `${source.name} ${keyText(key)}` });
    }
    // Bases stand beside the overlays that use them.
    const root = below.startsWith('deploy/') ? 'deploy/bases' : below.startsWith('apps/') ? 'apps/base' : below;
    spelled.set(source, await SpelledLines.read(repository.folder, root));
  }
  return { targets, spelled };
}

function scaledBy(desired: KubeObject): string | undefined {
  if (desired.kind !== 'HorizontalPodAutoscaler') return undefined;
  const [kind, name] = ['kind', 'name'].map((field) => stringAt(desired, 'spec', 'scaleTargetRef', field) ?? '');
  return `${kind}/${namespaceOf(desired)}/${name}`;
}
