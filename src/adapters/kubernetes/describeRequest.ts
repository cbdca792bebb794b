import type { ApiResource } from '../../ports/cluster.ts';

/** What a request is about, for the sentences of errors. */
export interface RequestSubject {
  verb: 'get' | 'list' | 'watch' | 'apply' | 'create' | 'change' | 'delete' | 'ask';
  resource?: ApiResource;
  namespace?: string;
  name?: string;
}

/** `Deployment podinfo/web`, `Deployments in podinfo`, `Nodes`. */
export function describeSubject(subject: RequestSubject): string {
  const { resource, namespace = '', name = '' } = subject;
  if (resource === undefined) return 'the API server';
  if (name !== '') return `${resource.kind} ${namespace === '' ? name : `${namespace}/${name}`}`;
  return kindsIn(subject);
}

/** `Deployments in podinfo`. */
export function kindsIn({ resource, namespace = '' }: RequestSubject): string {
  if (resource === undefined) return 'this';
  const plural = pluralKind(resource);
  if (!resource.namespaced) return plural;
  return namespace === '' ? `${plural} in all namespaces` : `${plural} in ${namespace}`;
}

/** `NetworkPolicies` from kind `NetworkPolicy` and resource `networkpolicies`: the capitals of the one, the ending of the other. */
function pluralKind({ kind, resource }: ApiResource): string {
  const lower = kind.toLowerCase();
  let shared = 0;
  while (shared < lower.length && lower[shared] === resource[shared]) shared += 1;
  return shared === 0 ? resource : kind.slice(0, shared) + resource.slice(shared);
}

export function holdsSecrets(subject: RequestSubject): boolean {
  return subject.resource?.group === '' && subject.resource.resource === 'secrets';
}
