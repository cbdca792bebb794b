import { mergeInto } from '../../src/core/apply/merge.ts';
import { compareObjects } from '../../src/core/apply/compare.ts';
import { compareObject } from '../../src/core/drift/compareObject.ts';
import { detectApplier } from '../../src/core/drift/detectApplier.ts';
import { cloneJson } from '../../src/core/json.ts';
import { type KubeObject, groupVersionKindOf, nameOf, namespaceOf } from '../../src/core/kube/objectKey.ts';
import type { SchemaNode } from '../../src/core/schema/schemaNode.ts';
import { SimulatedClusterPort } from '../../src/sandbox/simulatedClusterPort.ts';
import { corporaObjects, corporaReason } from './corporaObjects.ts';
import { type Row, Samples } from './measured.ts';

const rounds = 20;

interface Pair {
  desired: KubeObject;
  live: KubeObject;
  node: SchemaNode;
}

/**
 * Each object of the corpora against what the simulated API server made of it, defaults and managedFields included: the merge and its
 * comparison alone, and the whole of what drift does with an object. The first rounds, in a cold process, count as well.
 */
export async function benchMerge(): Promise<Row[]> {
  const reason = await corporaReason();
  if (reason !== undefined) return [{ what: 'merge and compare of one object', must: '', measured: `not: ${reason}` }];
  const pairs = appliedPairs(await corporaObjects());
  const merge = new Samples();
  const whole = new Samples();
  for (let round = 0; round < rounds; round++) {
    for (const { desired, live, node } of pairs) {
      const merged = merge.start();
      compareObjects(live, mergeInto(live, desired, node), node);
      merged();
      const compared = whole.start();
      compareObject({
        desired,
        live,
        node,
        applier: detectApplier(live, 'direct'),
        engine: 'direct',
        engineBehaviour: { takesOverKubectlEdits: false, selfHeal: false, suspended: false },
        hasInventory: false,
        secrets: 'compare',
      });
      compared();
    }
  }
  const of = `${pairs.length} objects of the corpora × ${rounds}`;
  const must = 'p50 ≤ 1 ms, p99 ≤ 20 ms';
  return [
    { what: `merge and compare of one object, ${of}`, must, measured: merge.toString([0.5, 0.99]) },
    { what: `the same with ownership, classification and masking`, must, measured: whole.toString([0.5, 0.99]) },
  ];
}

/** What the simulated server takes; kinds that it has no definition of, and broken manifests, are left out. */
function appliedPairs(objects: readonly KubeObject[]): Pair[] {
  const port = new SimulatedClusterPort({ controllers: [] });
  const pairs: Pair[] = [];
  for (const object of objects) {
    const { group, version, kind: name } = groupVersionKindOf(object);
    const kind = port.cluster.catalog.byKind(group, version, name);
    if (kind === undefined) continue;
    const namespace = kind.namespaced ? namespaceOf(object) || 'default' : '';
    try {
      makeNamespace(port, namespace);
      const body = cloneJson(object);
      const request = { fieldManager: 'kubectl', force: true };
      const { object: live } = port.cluster.apply(kind, namespace, nameOf(object), body, request);
      pairs.push({ desired: object, live: cloneJson(live), node: kind.schema });
      port.settle();
    } catch {
      // The corpora hold manifests that no server takes.
    }
  }
  return pairs;
}

function makeNamespace(port: SimulatedClusterPort, name: string): void {
  const kind = port.cluster.catalog.byKind('', 'v1', 'Namespace');
  if (kind === undefined || name === '' || port.cluster.find(kind, '', name) !== undefined) return;
  port.cluster.create(
    kind,
    '',
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    { fieldManager: 'kubectl' },
  );
}
