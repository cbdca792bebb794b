/** Rendered manifests of so many objects: Namespaces, and over them ConfigMaps, Deployments without Pods and Services. */
export function generatedManifests(count: number): string {
  return generatedDocuments(count).join('---\n');
}

export function generatedDocuments(count: number): string[] {
  const documents: string[] = [];
  for (let index = 0; index < namespaces; index++) documents.push(namespace(index));
  for (let index = 0; index < count - namespaces; index++) {
    documents.push((kinds[index % kinds.length] ?? configMap)(index, `bench-${index % namespaces}`));
  }
  return documents;
}

const namespaces = 10;

function namespace(index: number): string {
  return `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: bench-${index}\n`;
}

function configMap(index: number, namespace: string): string {
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: settings-${index}
  namespace: ${namespace}
data:
  level: info
  index: "${index}"
`;
}

function service(index: number, namespace: string): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: web-${index}
  namespace: ${namespace}
spec:
  clusterIP: None
  selector:
    app: web-${index}
  ports:
    - name: http
      port: 8080
      targetPort: http
`;
}

/** About as long as one of a real application. No replicas: there is nobody to run them. */
export function deployment(index: number, namespace: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-${index}
  namespace: ${namespace}
  labels:
    app: web-${index}
spec:
  replicas: 0
  selector:
    matchLabels:
      app: web-${index}
  template:
    metadata:
      labels:
        app: web-${index}
    spec:
      containers:
        - name: web
          image: example.com/web:1.0
          ports:
            - name: http
              containerPort: 8080
          env:
            - name: LEVEL
              value: info
          readinessProbe:
            httpGet:
              path: /healthz
              port: http
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
`;
}

const kinds = [configMap, deployment, configMap, deployment, service];
