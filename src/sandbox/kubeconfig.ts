import { renameSync, writeFileSync } from 'node:fs';

export const sandboxContext = 'plumbline-sandbox';

/** Writes a kubeconfig that has the sandbox's context alone, readable by the user alone. The user's own is never touched. */
export function writeKubeconfig(path: string, server: string, token: string, certificate: string): void {
  const authority = Buffer.from(certificate, 'utf8').toString('base64');
  const text = `apiVersion: v1
kind: Config
clusters:
- name: ${sandboxContext}
  cluster:
    server: ${server}
    certificate-authority-data: ${authority}
users:
- name: ${sandboxContext}
  user:
    token: ${token}
contexts:
- name: ${sandboxContext}
  context:
    cluster: ${sandboxContext}
    user: ${sandboxContext}
    namespace: default
current-context: ${sandboxContext}
`;
  // Renamed when whole, so that a watcher never reads half of it.
  writeFileSync(`${path}.partial`, text, { mode: 0o600 });
  renameSync(`${path}.partial`, path);
}
