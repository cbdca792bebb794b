import type { ControlPlane } from '../rig/cluster/controlPlane.ts';
import { until } from '../rig/cluster/until.ts';

/** What a sync is asked for beside its revision. */
export interface SyncRequest {
  prune?: boolean;
  syncOptions?: readonly string[];
  /** Only these objects. */
  resources?: readonly object[];
}

/** The Applications of a rig's Argo CD, used as a person would through its API server: by patches of the objects (semantics section d). */
export class ArgoApplications {
  readonly #plane: Pick<ControlPlane, 'kubectl'>;

  constructor(plane: Pick<ControlPlane, 'kubectl'>) {
    this.#plane = plane;
  }

  /** A field as `kubectl` prints it by a JSON path without braces, or several with `} {` between them. */
  field(name: string, path: string): Promise<string> {
    return this.#plane.kubectl(['get', `application/${name}`, '-n=argocd', `-o=jsonpath={${path}}`]);
  }

  patch(name: string, body: object): Promise<string> {
    return this.#plane.kubectl([
      ...['patch', `application/${name}`, '-n=argocd', '--type=merge'],
      ...['-p', JSON.stringify(body)],
    ]);
  }

  refresh(name: string): Promise<string> {
    return this.patch(name, { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } } });
  }

  /** Has a revision synced by `ada`, and waits until it is. */
  async sync(name: string, revision: string, request: SyncRequest = {}): Promise<void> {
    await until(`${name} was compared`, async () => (await this.field(name, '.status.sync.status')) !== '');
    await this.patch(name, { operation: { initiatedBy: { username: 'ada' }, sync: { revision, ...request } } });
    await until(`${name} was synced`, async () => {
      const state = await this.field(name, '.status.operationState.phase} {.status.operationState.syncResult.revision');
      return state === `Succeeded ${revision}` && (await this.field(name, '.operation')) === '';
    });
  }
}

/** An Application of a folder on the branch `main`. */
export function argoApplication(name: string, url: string, path: string, namespace: string): string {
  return `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: ${name}
  namespace: argocd
spec:
  project: default
  source:
    repoURL: "${url}"
    targetRevision: main
    path: ${path}
  destination:
    server: https://kubernetes.default.svc
    namespace: ${namespace}
`;
}
