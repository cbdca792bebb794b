/** Manifests of the application that the loops deliver. */
export const deployment = (
  namespace: string,
  options: { tag?: string; replicas?: number; app?: string } = {},
): string =>
  `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: ${namespace}
spec:
  replicas: ${String(options.replicas ?? 2)}
  selector:
    matchLabels:
      app: ${options.app ?? 'web'}
  template:
    metadata:
      labels:
        app: ${options.app ?? 'web'}
    spec:
      containers:
        - name: web
          image: example.invalid/web:${options.tag ?? '1.0'}
          ports:
            - containerPort: 8080
`;

export const service = (namespace: string): string => `apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: ${namespace}
spec:
  selector:
    app: web
  ports:
    - port: 80
      targetPort: 8080
`;

export const configMap = (namespace: string, name: string, value: string): string => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  namespace: ${namespace}
data:
  greeting: ${value}
`;

export const namespaceManifest = (name: string): string => `apiVersion: v1
kind: Namespace
metadata:
  name: ${name}
`;

export const kustomization = (...resources: string[]): string =>
  `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
${resources.map((resource) => `  - ${resource}\n`).join('')}`;

/** Flux's source `fleet`, which is fetched only when somebody asks. */
export const fluxSource = (url: string): string => `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: default}
spec: {interval: 1h, url: "${url}", ref: {branch: main}}
`;

/** A Kustomization of that source, reconciled when the source moved or somebody asks; `spec` adds to its fields. */
export const fluxKustomization = (name: string, path: string, spec: Readonly<Record<string, unknown>> = {}): string => {
  const source = { sourceRef: { kind: 'GitRepository', name: 'fleet' }, path: `./${path}`, prune: true };
  const whole = { interval: '1h', retryInterval: '1h', ...source, ...spec };
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: default}
spec: ${JSON.stringify(whole)}
`;
};

/** A definition of `widgets.example.com`, and one Widget. */
export const widgetDefinition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.example.com
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                size: {type: integer}
`;

export const widget = (namespace: string): string => `apiVersion: example.com/v1
kind: Widget
metadata:
  name: first
  namespace: ${namespace}
spec:
  size: 3
`;

/** A policy that lets dry runs of ConfigMap `denied` pass and refuses the real thing, as webhooks do that look at a clock or a quota. */
export const refusesForReal = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: half-way}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
  validations:
    - expression: object.metadata.name != 'denied' || (has(request.dryRun) && request.dryRun)
      message: denied for the test
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: half-way}
spec: {policyName: half-way, validationActions: [Deny]}
`;
