import {
  type SchemaNode,
  atomicNode,
  booleanNode,
  integerNode,
  listNode,
  mapNode,
  metadataNode,
  objectNode,
  stringNode,
  structNode,
} from '../../../../src/core/schema/schemaNode.ts';

const quantityNode: SchemaNode = { scalar: 'untyped', format: 'quantity' };
const intOrStringNode: SchemaNode = { scalar: 'untyped', format: 'int-or-string' };
const resources = structNode({ limits: mapNode(quantityNode), requests: mapNode(quantityNode) });
const probe = structNode({
  failureThreshold: integerNode,
  httpGet: structNode({ path: stringNode, port: intOrStringNode, scheme: stringNode }),
  initialDelaySeconds: integerNode,
  periodSeconds: integerNode,
});
const container = structNode({
  args: listNode(stringNode),
  env: listNode(structNode({ name: stringNode, value: stringNode }), ['name']),
  image: stringNode,
  imagePullPolicy: stringNode,
  livenessProbe: probe,
  name: stringNode,
  ports: listNode(
    structNode({
      containerPort: integerNode,
      name: stringNode,
      protocol: { ...stringNode, default: 'TCP' },
    }),
    ['containerPort', 'protocol'],
  ),
  resources,
  securityContext: structNode({ allowPrivilegeEscalation: booleanNode }),
  stdin: booleanNode,
  terminationMessagePath: stringNode,
});
const podSpec = structNode({
  containers: listNode(container, ['name']),
  initContainers: listNode(container, ['name']),
  dnsPolicy: stringNode,
  hostNetwork: booleanNode,
  nodeSelector: mapNode(stringNode),
  restartPolicy: stringNode,
  serviceAccount: stringNode,
  serviceAccountName: stringNode,
  tolerations: listNode(
    structNode({ key: stringNode, operator: stringNode, effect: stringNode, tolerationSeconds: integerNode }),
  ),
  volumes: listNode(
    structNode({
      name: stringNode,
      emptyDir: structNode({ sizeLimit: quantityNode }),
      configMap: structNode({ name: stringNode, defaultMode: integerNode }),
    }),
    ['name'],
  ),
});
const claim = structNode({
  apiVersion: stringNode,
  kind: stringNode,
  metadata: metadataNode,
  spec: structNode({
    accessModes: listNode(stringNode),
    resources,
    storageClassName: stringNode,
    volumeMode: stringNode,
  }),
  status: atomicNode,
});
const selector = { ...structNode({ matchLabels: mapNode(stringNode) }), ...{} };

function kind(fields: Record<string, SchemaNode>): SchemaNode {
  return {
    ...structNode({ apiVersion: stringNode, kind: stringNode, metadata: metadataNode, status: atomicNode, ...fields }),
  };
}

/** Types of the kinds that the cases use, with as much of them as the cases need. */
export const testSchema: Readonly<Record<string, SchemaNode>> = {
  ConfigMap: kind({ data: mapNode(stringNode), immutable: booleanNode }),
  Secret: kind({ data: mapNode(stringNode), stringData: mapNode(stringNode), type: stringNode }),
  Deployment: kind({
    spec: structNode({
      minReadySeconds: integerNode,
      paused: booleanNode,
      progressDeadlineSeconds: integerNode,
      replicas: integerNode,
      revisionHistoryLimit: integerNode,
      selector,
      strategy: structNode({
        type: stringNode,
        rollingUpdate: structNode({ maxSurge: intOrStringNode, maxUnavailable: intOrStringNode }),
      }),
      template: structNode({ metadata: metadataNode, spec: podSpec }),
    }),
  }),
  StatefulSet: kind({
    spec: structNode({
      replicas: integerNode,
      serviceName: stringNode,
      template: structNode({ metadata: metadataNode, spec: podSpec }),
      volumeClaimTemplates: listNode(claim),
    }),
  }),
  Service: kind({
    spec: structNode({
      clusterIP: stringNode,
      clusterIPs: listNode(stringNode),
      ports: listNode(
        structNode({
          name: stringNode,
          nodePort: integerNode,
          port: integerNode,
          protocol: { ...stringNode, default: 'TCP' },
          targetPort: intOrStringNode,
        }),
        ['port', 'protocol'],
      ),
      selector: { map: { values: stringNode, relationship: 'atomic' } },
      sessionAffinity: stringNode,
      type: stringNode,
    }),
  }),
  NetworkPolicy: kind({
    spec: structNode({
      ingress: listNode(
        structNode({
          from: listNode(structNode({ podSelector: selector })),
          ports: listNode(structNode({ port: intOrStringNode, protocol: stringNode, endPort: integerNode })),
        }),
      ),
      podSelector: selector,
      policyTypes: listNode(stringNode),
    }),
  }),
  ClusterRole: kind({
    aggregationRule: atomicNode,
    rules: listNode(
      structNode({ apiGroups: listNode(stringNode), resources: listNode(stringNode), verbs: listNode(stringNode) }),
    ),
  }),
  HorizontalPodAutoscaler: kind({
    spec: structNode({ maxReplicas: integerNode, minReplicas: integerNode, metrics: listNode(atomicNode) }),
  }),
  CustomResourceDefinition: kind({
    spec: structNode({
      conversion: structNode({
        strategy: stringNode,
        webhook: structNode({ clientConfig: structNode({ caBundle: stringNode, url: stringNode }) }),
      }),
      names: structNode({ kind: stringNode, listKind: stringNode, plural: stringNode, singular: stringNode }),
    }),
  }),
  Widget: objectNode(),
};
