import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { objectPath, type ApiClient } from './apiClient.ts';

/**
 * `admin` may do everything. `viewer` may read everything but Secrets, and write nothing, so it may not even dry-run.
 * `limited` may read within one namespace alone and list no namespaces. Enough to find most mistakes about permissions.
 */
export type UserName = 'admin' | 'viewer' | 'limited';

export const userNames: readonly UserName[] = ['admin', 'viewer', 'limited'];

/** The only namespace in which user `limited` has rights. */
export const limitedNamespace = 'team';

export type Tokens = Readonly<Record<UserName, string>>;

const token = (): string => randomBytes(24).toString('hex');

/** Writes the API server's token file and answers the tokens. */
export async function makeTokens(file: string): Promise<Tokens> {
  const tokens = { admin: token(), viewer: token(), limited: token() };
  const line = (name: UserName, group: string): string => `${tokens[name]},${name},${name},"${group}"\n`;
  const text = line('admin', 'system:masters') + line('viewer', 'viewers') + line('limited', 'team');
  await writeFile(file, text, { mode: 0o600 });
  return tokens;
}

/**
 * Writes a kubeconfig with a context for each user, `admin` being current. `server` may be a proxy before the API server on
 * 127.0.0.1, as the certificate names no port.
 */
export async function writeKubeconfig(file: string, server: string, ca: string, tokens: Tokens): Promise<void> {
  const namespaceOf = (name: UserName): string => (name === 'limited' ? `, namespace: ${limitedNamespace}` : '');
  const text = `apiVersion: v1
kind: Config
current-context: admin
clusters:
- name: rig
  cluster:
    server: ${server}
    certificate-authority-data: ${Buffer.from(ca).toString('base64')}
contexts:
${userNames.map((name) => `- name: ${name}\n  context: {cluster: rig, user: ${name}${namespaceOf(name)}}`).join('\n')}
users:
${userNames.map((name) => `- name: ${name}\n  user: {token: ${tokens[name]}}`).join('\n')}
`;
  await writeFile(file, text, { mode: 0o600 });
}

const rbac = 'rbac.authorization.k8s.io';
const read = ['get', 'list', 'watch'];

function binding(kind: 'ClusterRoleBinding' | 'RoleBinding', user: UserName, role: string, roleKind: string): object {
  return {
    apiVersion: `${rbac}/v1`,
    kind,
    metadata: { name: `${user}-${role.replaceAll(':', '-')}` },
    roleRef: { apiGroup: rbac, kind: roleKind, name: role },
    subjects: [{ apiGroup: rbac, kind: 'User', name: user }],
  };
}

/** What ClusterRole `view` leaves out, as it holds only namespaced built-in resources. */
const viewerRules = [
  { apiGroups: [''], resources: ['nodes', 'namespaces', 'persistentvolumes'], verbs: read },
  { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: read },
  { apiGroups: [rbac, 'storage.k8s.io'], resources: ['*'], verbs: read },
  {
    apiGroups: ['source.toolkit.fluxcd.io', 'kustomize.toolkit.fluxcd.io', 'helm.toolkit.fluxcd.io', 'argoproj.io'],
    resources: ['*'],
    verbs: read,
  },
];

/** Creates the roles of `viewer` and `limited`, and the namespace of the latter. */
export async function grantRights(api: ApiClient): Promise<void> {
  const apiVersion = `${rbac}/v1`;
  const metadata = (name: string): object => ({ name });
  const post = (plural: string, body: object, namespace?: string): Promise<unknown> =>
    api.send('POST', objectPath(apiVersion, plural, namespace), body);
  await api.send('POST', '/api/v1/namespaces', { metadata: metadata(limitedNamespace) });
  await post('clusterroles', { apiVersion, kind: 'ClusterRole', metadata: metadata('viewer'), rules: viewerRules });
  // ClusterRole `view` is filled by a controller; `system:aggregate-to-view` holds the same without one.
  for (const role of ['viewer', 'view', 'system:aggregate-to-view']) {
    await post('clusterrolebindings', binding('ClusterRoleBinding', 'viewer', role, 'ClusterRole'));
  }
  const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: read }];
  await post('roles', { apiVersion, kind: 'Role', metadata: metadata('limited'), rules }, limitedNamespace);
  await post('rolebindings', binding('RoleBinding', 'limited', 'limited', 'Role'), limitedNamespace);
}
