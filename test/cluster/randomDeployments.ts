import fc from 'fast-check';
import { type JsonObject, stringAt } from '../../src/core/json.ts';
import { printJson } from '../../src/core/jsonText.ts';
import type { KubeObject } from '../../src/core/kube/objectKey.ts';

/** How one writer changes a Deployment, and into what. */
export interface WriteStep {
  how: 'apply' | 'force' | 'put' | 'strategic' | 'merge' | 'kubectl';
  manager: string;
  body: { labels?: JsonObject; spec: JsonObject };
}

function some<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }, required: (keyof T)[] = []): fc.Arbitrary<JsonObject> {
  return fc.record(model, { requiredKeys: required, noNullPrototype: true }) as fc.Arbitrary<JsonObject>;
}

function listOf(
  item: fc.Arbitrary<JsonObject>,
  key: (item: JsonObject) => unknown,
  minLength = 0,
): fc.Arbitrary<JsonObject[]> {
  return fc.uniqueArray(item, { selector: key, minLength, maxLength: 4 });
}

const letter = fc.constantFrom('a', 'b', 'c', 'd');
const digit = fc.constantFrom('1', '2', '3');
const dictionary = fc.dictionary(letter, digit, { noNullPrototype: true });
const nameOf = (item: JsonObject): unknown => item['name'];
const portKey = (port: JsonObject): string =>
  `${printJson(port['containerPort'] ?? null)}${stringAt(port, 'protocol') ?? 'TCP'}`;

const port = some(
  {
    containerPort: fc.constantFrom(53, 80, 81),
    protocol: fc.constantFrom('TCP', 'UDP'),
    name: fc.constant(''),
  },
  ['containerPort'],
).map((one) => ('name' in one ? { ...one, name: `p${portKey(one).toLowerCase()}` } : one));

const container = some(
  {
    name: letter,
    image: fc.constantFrom('i:1', 'i:2'),
    args: fc.array(digit, { maxLength: 2 }),
    env: listOf(some({ name: letter, value: digit }, ['name', 'value']), nameOf),
    ports: listOf(port, portKey),
    resources: some({
      limits: some({ cpu: fc.constantFrom('1', '2', '500m'), memory: fc.constantFrom('1Gi', '64Mi') }),
      requests: some({ cpu: fc.constantFrom('100m', '200m') }),
    }),
    securityContext: some({ privileged: fc.boolean(), runAsUser: fc.constantFrom(1, 2) }),
    terminationMessagePath: fc.constantFrom('/a', '/b'),
  },
  ['name', 'image'],
);

const volume = fc.oneof(
  some({ name: letter, emptyDir: some({ medium: fc.constant('Memory') }) }, ['name', 'emptyDir']),
  some({ name: letter, configMap: some({ name: letter, optional: fc.boolean() }, ['name']) }, ['name', 'configMap']),
  some({ name: letter, hostPath: some({ path: fc.constantFrom('/x', '/y') }, ['path']) }, ['name', 'hostPath']),
);

const strategy = fc.oneof(
  fc.constant({ type: 'Recreate' }),
  some(
    {
      type: fc.constant('RollingUpdate'),
      rollingUpdate: some({ maxSurge: fc.constantFrom(1, 2), maxUnavailable: fc.constantFrom(1, '25%') }),
    },
    ['type'],
  ),
);

const pod = some(
  {
    containers: listOf(container, nameOf, 1),
    initContainers: listOf(
      container.map((one) => ({ ...one, name: `init-${stringAt(one, 'name') ?? ''}` })),
      nameOf,
    ),
    volumes: listOf(volume, nameOf),
    nodeSelector: dictionary,
    tolerations: fc.array(some({ key: letter, operator: fc.constant('Exists') }, ['key', 'operator']), {
      maxLength: 2,
    }),
    hostAliases: listOf(
      some({ ip: fc.constantFrom('1.1.1.1', '2.2.2.2'), hostnames: fc.array(letter, { maxLength: 2 }) }, ['ip']),
      (one) => one['ip'],
    ),
    imagePullSecrets: listOf(some({ name: letter }, ['name']), nameOf),
    serviceAccountName: letter,
  },
  ['containers'],
);

const spec = some(
  {
    replicas: fc.constantFrom(1, 2, 3),
    minReadySeconds: fc.constantFrom(1, 2),
    strategy,
    template: some({ metadata: dictionary.map((labels) => ({ labels: { ...labels, app: 'x' } })), spec: pod }, [
      'metadata',
      'spec',
    ]),
  },
  ['template'],
);

/** Sequences of writes to one Deployment; most are valid, and many are refused for what an earlier write left behind. */
export const writeSteps: fc.Arbitrary<WriteStep[]> = fc.array(
  fc.record({
    how: fc.constantFrom('apply', 'apply', 'force', 'put', 'strategic', 'merge', 'kubectl'),
    manager: fc.constantFrom('m', 'n'),
    body: fc.record({ labels: dictionary, spec }, { requiredKeys: ['spec'], noNullPrototype: true }),
  }),
  { minLength: 3, maxLength: 6 },
);

export function deploymentOf({ labels, spec: body }: WriteStep['body'], name: string): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default', ...(labels === undefined ? {} : { labels }) },
    spec: { selector: { matchLabels: { app: 'x' } }, ...body },
  };
}
