import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const files: Readonly<Record<string, string>> = {
  'base/kustomization.yaml': 'resources:\n- deployment.yaml\n- config.yaml\n- secret.yaml\n- service.yaml\n',
  'base/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: web
        image: registry.example/web:1.0.0
        ports:
        - containerPort: 8080
`,
  'base/config.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  ui.color: "#34577c"
  greeting: hello
`,
  'base/secret.yaml': `apiVersion: v1
kind: Secret
metadata:
  name: database
stringData:
  password: in-git-only
`,
  'base/service.yaml': `apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
  - port: 80
    targetPort: 8080
`,
  'overlays/prod/kustomization.yaml': `namespace: shop
resources:
- ../../base
images:
- name: registry.example/web
  newTag: 1.2.0
`,
  'platform/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n',
  'platform/quota.yaml': `apiVersion: v1
kind: ResourceQuota
metadata:
  name: quota
  namespace: shop
spec:
  hard:
    pods: "20"
`,
};

/** Writes a Git repository of one overlay on a base and one folder of plain manifests, committed and pushed to a bare one beside it. */
export async function makeShop(folder: string): Promise<string> {
  const root = join(folder, 'shop');
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const git = (...args: string[]): void => void execFileSync('git', ['-C', root, ...args], { stdio: 'ignore' });
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'Ada');
  git('config', 'user.email', 'ada@example.org');
  git('add', '.');
  git('commit', '--quiet', '--message', 'First release');
  git('init', '--quiet', '--bare', '--initial-branch=main', `${root}.git`);
  git('remote', 'add', 'origin', `${root}.git`);
  git('push', '--quiet', '--set-upstream', 'origin', 'main');
  return root;
}
