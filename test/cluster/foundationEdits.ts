import type { FieldChange, ObjectStatus } from '../../src/core/report.ts';

/** Planted in Git and, changed, in the cluster; none of them, plain or in base64, may ever be printed. */
export const secrets = {
  declared: 'plumb-declared-9f1c',
  live: 'plumb-live-77aa01',
  text: 'plumb-text-declared-31d0',
  textLive: 'plumb-text-live-e6b2',
} as const;

export const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** What the overlay of podinfo has beyond the corpus: a Secret, and values that an overlay decides. */
export const dev = 'deploy/overlays/dev';
export const ownFiles = {
  [`${dev}/kustomization.yaml`]: `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: dev
resources:
  - ../../bases/backend
  - ../../bases/frontend
  - ../../bases/cache
  - ../../bases/database
  - namespace.yaml
  - secret.yaml
transformers:
  - labels.yaml
replicas:
  - name: cache
    count: 2
images:
  - name: docker.io/redis
    newTag: 8.8.1
patches:
  - path: backend-color.yaml
`,
  [`${dev}/backend-color.yaml`]: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: backend
spec:
  template:
    spec:
      containers:
        - name: backend
          env:
            - name: PODINFO_UI_COLOR
              value: "#ff8800"
`,
  [`${dev}/secret.yaml`]: `apiVersion: v1
kind: Secret
metadata:
  name: login
data:
  password: ${base64(secrets.declared)}
stringData:
  token: ${secrets.text}
`,
};

/** The repositories that are applied and edited. */
export type CorpusName = 'podinfo' | 'prometheus';

/** What a person does to the cluster by hand, and what is to be found of it. */
export interface Edit {
  what: string;
  /** kubectl's arguments. */
  run: readonly string[];
  in: CorpusName;
  object: string;
  status: ObjectStatus;
  /** Absent: the object itself is the finding. */
  change?: {
    path: string;
    op: FieldChange['op'];
    status: FieldChange['status'];
    live?: unknown;
    cause: FieldChange['cause'];
    /** Absent where managedFields keep none: a removal leaves neither manager nor time (design §2.1). */
    manager?: string;
    /** `kubectl scale` leaves no time. */
    timed?: boolean;
    masked?: true;
  };
  /** Of the line that decides. */
  file: string;
  line: string;
}

const patch = (kind: string, namespace: string, name: string, body: unknown): string[] => [
  ...['patch', kind, name, '--namespace', namespace, '--type=merge', '--field-manager=kubectl-edit'],
  `--patch=${JSON.stringify(body)}`,
];

export const edits: readonly Edit[] = [
  {
    what: 'replicas scaled, decided by the overlay',
    run: ['scale', 'deployment/cache', '--replicas=5', '--namespace=dev'],
    in: 'podinfo',
    object: 'Deployment dev/cache',
    status: 'drifted',
    change: { path: 'spec.replicas', op: 'changed', status: 'drifted', live: 5, cause: 'edit', manager: 'kubectl' },
    file: `${dev}/kustomization.yaml`,
    line: 'count: 2',
  },
  {
    what: 'replicas scaled, decided by the base',
    run: ['scale', 'statefulset/database-primary', '--replicas=3', '--namespace=dev'],
    in: 'podinfo',
    object: 'StatefulSet dev/database-primary',
    status: 'drifted',
    change: { path: 'spec.replicas', op: 'changed', status: 'drifted', live: 3, cause: 'edit', manager: 'kubectl' },
    file: 'deploy/bases/database/statefulset-primary.yaml',
    line: 'replicas: 1',
  },
  {
    what: 'image set, decided by the overlay',
    run: ['set', 'image', 'deployment/cache', 'redis=docker.io/redis:7.0.0', '--namespace=dev'],
    in: 'podinfo',
    object: 'Deployment dev/cache',
    status: 'drifted',
    change: {
      path: 'spec.template.spec.containers[name=redis].image',
      ...{ op: 'changed', status: 'drifted', live: 'docker.io/redis:7.0.0', cause: 'edit' },
      ...{ manager: 'kubectl-set', timed: true },
    },
    file: `${dev}/kustomization.yaml`,
    line: 'newTag: 8.8.1',
  },
  {
    what: 'image set, decided by the base',
    run: ['set', 'image', 'deployment/frontend', 'frontend=ghcr.io/stefanprodan/podinfo:5.0.0', '--namespace=dev'],
    in: 'podinfo',
    object: 'Deployment dev/frontend',
    status: 'drifted',
    change: {
      path: 'spec.template.spec.containers[name=frontend].image',
      ...{ op: 'changed', status: 'drifted', live: 'ghcr.io/stefanprodan/podinfo:5.0.0', cause: 'edit' },
      ...{ manager: 'kubectl-set', timed: true },
    },
    file: 'deploy/bases/frontend/deployment.yaml',
    line: 'image: ghcr.io/stefanprodan/podinfo:6.14.1',
  },
  {
    what: 'environment variable changed that a patch decides',
    run: ['set', 'env', 'deployment/backend', 'PODINFO_UI_COLOR=#000000', '--namespace=dev'],
    in: 'podinfo',
    object: 'Deployment dev/backend',
    status: 'drifted',
    change: {
      path: 'spec.template.spec.containers[name=backend].env[name=PODINFO_UI_COLOR].value',
      ...{ op: 'changed', status: 'drifted', live: '#000000', cause: 'edit', manager: 'kubectl-set', timed: true },
    },
    file: `${dev}/backend-color.yaml`,
    line: 'value: "#ff8800"',
  },
  {
    what: 'environment variable added, which kubectl would keep',
    run: ['set', 'env', 'deployment/database-replica', 'EXTRA=1', '--namespace=dev'],
    in: 'podinfo',
    object: 'Deployment dev/database-replica',
    status: 'synced',
    change: {
      path: 'spec.template.spec.containers[name=database].env[name=EXTRA]',
      ...{ op: 'added', status: 'ignored', live: { name: 'EXTRA', value: '1' }, cause: 'edit' },
      ...{ manager: 'kubectl-set', timed: true },
    },
    file: 'deploy/bases/database/deployment-replica.yaml',
    line: '',
  },
  {
    what: 'ConfigMap key edited that a generator reads from a file',
    run: patch('configmap', 'dev', 'rollup-script', { data: { 'rollup.sh': 'echo edited\n' } }),
    in: 'podinfo',
    object: 'ConfigMap dev/rollup-script',
    status: 'drifted',
    change: {
      path: 'data["rollup.sh"]',
      ...{ op: 'changed', status: 'drifted', live: 'echo edited\n', cause: 'edit' },
      ...{ manager: 'kubectl-edit', timed: true },
    },
    file: 'deploy/bases/database/scripts/rollup.sh',
    line: 'This file is program code upstream. Its text is left out of this test data.',
  },
  {
    what: 'label removed that a transformer sets',
    run: ['label', 'service/cache', 'app.kubernetes.io/environment-', '--namespace=dev'],
    in: 'podinfo',
    object: 'Service dev/cache',
    status: 'drifted',
    change: {
      path: 'metadata.labels["app.kubernetes.io/environment"]',
      ...{ op: 'removed', status: 'drifted', cause: 'unknown' },
    },
    file: `${dev}/labels.yaml`,
    line: 'app.kubernetes.io/environment: dev',
  },
  {
    what: 'object deleted',
    run: ['delete', 'service/frontend', '--namespace=dev'],
    in: 'podinfo',
    object: 'Service dev/frontend',
    status: 'missing',
    file: 'deploy/bases/frontend/service.yaml',
    line: 'kind: Service',
  },
  {
    what: 'Secret key changed',
    run: patch('secret', 'dev', 'login', { data: { password: base64(secrets.live) } }),
    in: 'podinfo',
    object: 'Secret dev/login',
    status: 'drifted',
    change: {
      path: 'data.password',
      ...{ op: 'changed', status: 'drifted', cause: 'edit', manager: 'kubectl-edit', timed: true, masked: true },
    },
    file: `${dev}/secret.yaml`,
    line: `password: ${base64(secrets.declared)}`,
  },
  {
    what: 'Secret key changed that stringData declares',
    run: patch('secret', 'dev', 'login', { stringData: { token: secrets.textLive } }),
    in: 'podinfo',
    object: 'Secret dev/login',
    status: 'drifted',
    change: {
      path: 'stringData.token',
      ...{ op: 'changed', status: 'drifted', cause: 'edit', manager: 'kubectl-edit', timed: true, masked: true },
    },
    file: `${dev}/secret.yaml`,
    line: `token: ${secrets.text}`,
  },
  {
    what: 'replicas scaled',
    run: ['scale', 'deployment/grafana', '--replicas=4', '--namespace=monitoring'],
    in: 'prometheus',
    object: 'Deployment monitoring/grafana',
    status: 'drifted',
    change: { path: 'spec.replicas', op: 'changed', status: 'drifted', live: 4, cause: 'edit', manager: 'kubectl' },
    file: 'manifests/grafana-deployment.yaml',
    line: 'replicas: 1',
  },
  {
    what: 'image set of the second container',
    run: [
      ...['set', 'image', 'deployment/blackbox-exporter', '--namespace=monitoring'],
      'module-configmap-reloader=registry.invalid/reload:1',
    ],
    in: 'prometheus',
    object: 'Deployment monitoring/blackbox-exporter',
    status: 'drifted',
    change: {
      path: 'spec.template.spec.containers[name=module-configmap-reloader].image',
      ...{ op: 'changed', status: 'drifted', live: 'registry.invalid/reload:1', cause: 'edit' },
      ...{ manager: 'kubectl-set', timed: true },
    },
    file: 'manifests/blackboxExporter-deployment.yaml',
    line: 'image: ghcr.io/jimmidyson/configmap-reload:v0.15.0',
  },
  {
    what: 'ConfigMap key edited',
    run: patch('configmap', 'monitoring', 'blackbox-exporter-configuration', { data: { 'config.yml': 'modules: {}' } }),
    in: 'prometheus',
    object: 'ConfigMap monitoring/blackbox-exporter-configuration',
    status: 'drifted',
    change: {
      path: 'data["config.yml"]',
      ...{ op: 'changed', status: 'drifted', live: 'modules: {}', cause: 'edit', manager: 'kubectl-edit', timed: true },
    },
    file: 'manifests/blackboxExporter-configuration.yaml',
    line: 'config.yml: |-',
  },
  {
    what: 'label removed from a custom resource',
    run: ['label', 'servicemonitor/grafana', 'app.kubernetes.io/part-of-', '--namespace=monitoring'],
    in: 'prometheus',
    object: 'ServiceMonitor monitoring/grafana',
    status: 'drifted',
    change: {
      path: 'metadata.labels["app.kubernetes.io/part-of"]',
      op: 'removed',
      status: 'drifted',
      cause: 'unknown',
    },
    file: 'manifests/grafana-serviceMonitor.yaml',
    line: 'app.kubernetes.io/part-of: kube-prometheus',
  },
  {
    what: 'custom resource deleted',
    run: ['delete', 'prometheusrule/grafana-rules', '--namespace=monitoring'],
    in: 'prometheus',
    object: 'PrometheusRule monitoring/grafana-rules',
    status: 'missing',
    file: 'manifests/grafana-prometheusRule.yaml',
    line: 'kind: PrometheusRule',
  },
  {
    what: 'Secret key changed',
    run: patch('secret', 'monitoring', 'alertmanager-main', { stringData: { 'alertmanager.yaml': secrets.textLive } }),
    in: 'prometheus',
    object: 'Secret monitoring/alertmanager-main',
    status: 'drifted',
    change: {
      path: 'stringData["alertmanager.yaml"]',
      ...{ op: 'changed', status: 'drifted', cause: 'edit', manager: 'kubectl-edit', timed: true, masked: true },
    },
    file: 'manifests/alertmanager-secret.yaml',
    line: 'alertmanager.yaml: |-',
  },
];
