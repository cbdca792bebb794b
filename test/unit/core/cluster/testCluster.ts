import { bootstrap } from '../../../../src/core/cluster/bootstrap.ts';
import { type Controller, ControllerLoop } from '../../../../src/core/cluster/controllerLoop.ts';
import { sandboxControllers } from '../../../../src/core/cluster/controllers/sandboxControllers.ts';
import type { ServedKind } from '../../../../src/core/cluster/servedKind.ts';
import { SimulatedCluster } from '../../../../src/core/cluster/simulatedCluster.ts';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';
import { readManifests } from '../../../../src/core/manifest/readManifests.ts';
import { sandboxKinds } from '../../../../src/sandbox/builtInTable.ts';

export interface TestCluster {
  cluster: SimulatedCluster;
  /** Moves the time and lets controllers do what is due by then, step by step. */
  pass: (seconds: number) => void;
  kind: (storageKey: string) => ServedKind;
  /** Creates or replaces the objects of a YAML text, then settles. */
  apply: (yaml: string, manager?: string) => void;
}

/** A cluster with a clock of its own that stands still, and chance that is the same each time. */
export function testCluster(controllers: readonly Controller[] = sandboxControllers): TestCluster {
  let now = new Date('2026-01-02T03:04:05Z');
  let state = 7;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const cluster = new SimulatedCluster({ kinds: sandboxKinds(), now: () => now, random });
  bootstrap(cluster);
  const loop = new ControllerLoop(cluster, controllers);
  loop.run();
  const kind = (storageKey: string): ServedKind => {
    const slash = storageKey.indexOf('/');
    const found = cluster.catalog.preferred(storageKey.slice(0, slash), storageKey.slice(slash + 1));
    if (found === undefined) throw new Error(`${storageKey} is not served`);
    return found;
  };
  return {
    cluster,
    kind,
    pass: (seconds) => {
      const end = now.getTime() + seconds * 1000;
      for (let due = loop.run(); due !== undefined && due.getTime() <= end; due = loop.run()) now = due;
      now = new Date(end);
      loop.run();
    },
    apply: (yaml, manager = 'kubectl') => {
      for (const { object } of readManifests(yaml, { profile: 'raw' }).documents) {
        applyOne(cluster, object, manager);
        loop.run();
      }
    },
  };
}

function applyOne(cluster: SimulatedCluster, object: KubeObject, manager: string): void {
  const slash = object.apiVersion.indexOf('/');
  const group = slash === -1 ? '' : object.apiVersion.slice(0, slash);
  const served = cluster.catalog.byKind(group, object.apiVersion.slice(slash + 1), object.kind);
  if (served === undefined) throw new Error(`${object.apiVersion} ${object.kind} is not served`);
  const namespace = typeof object.metadata['namespace'] === 'string' ? object.metadata['namespace'] : 'default';
  const name = typeof object.metadata['name'] === 'string' ? object.metadata['name'] : '';
  cluster.apply(served, namespace, name, object, { fieldManager: manager, force: true });
}
