import { join } from 'node:path';
import { tmpdir } from 'node:os';
import type { ControlPlane } from '../../rig/cluster/controlPlane.ts';
import { type Way, deliverFolder } from '../deliver.ts';
import type { DeliveredSource } from '../deliveredCorpora.ts';
import { copyToRepository } from '../workRepository.ts';

/** Objects with sets of several items, and with maps that count as a whole: real repositories have too few of them for a campaign. */
const count = 12;

function manifests(index: number): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: chosen-${index}
spec:
  selector:
    app: chosen-${index}
    tier: front
    track: stable
  ports:
    - port: 80
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: held-${index}
  finalizers:
    - plumbline.test/b
    - plumbline.test/a
    - plumbline.test/c
data:
  index: "${index}"
`;
}

/** Delivers a source of its own, beside the corpora. The caller disposes of its repository. */
export async function deliverRare(plane: ControlPlane, way: Way): Promise<DeliveredSource> {
  const below = 'held';
  const namespace = 'campaign-held';
  const repository = await copyToRepository(tmpdir(), []);
  const names = Array.from({ length: count }, (_, index) => index);
  await repository.commit(Object.fromEntries(names.map((index) => [`${below}/held-${index}.yaml`, manifests(index)])));
  await deliverFolder(plane, join(repository.folder, below), { way, namespace });
  return { name: below, repository, below, namespace, kind: 'directory' };
}
