import { type Json, type JsonObject, isJsonObject, listAt, stringAt } from '../json.ts';
import { type KubeObject, nameOf, namespaceOf } from '../kube/objectKey.ts';
import { invalidValue } from './fieldError.ts';
import type { ServedKind } from './servedKind.ts';
import type { ClusterView } from './clusterView.ts';
import { invalid } from './statusError.ts';

const firstNodePort = 30_000;
const lastNodePort = 32_767;
const externalFields = ['externalTrafficPolicy', 'allocateLoadBalancerNodePorts', 'healthCheckNodePort'];

/** Gives a Service its addresses and node ports, and keeps those that it has where a writer leaves them out. */
export function admitService(
  cluster: ClusterView,
  kind: ServedKind,
  service: KubeObject,
  live: KubeObject | undefined,
): KubeObject {
  const spec: JsonObject = { ...mapIn(service['spec']) };
  const before = mapIn(live?.['spec']);
  const { type } = spec;
  if (type === 'ExternalName') {
    for (const key of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy'])
      delete spec[key];
    return { ...service, spec };
  }
  if (live !== undefined && before['type'] !== 'ExternalName') keepAssigned(spec, before);
  const others = cluster.store.list('/services').filter((other) => !isSame(other, service));
  assignAddress(kind, service, spec, others, live);
  if (type === 'NodePort' || type === 'LoadBalancer') assignNodePorts(kind, service, spec, others);
  else for (const key of externalFields) if (live !== undefined && spec[key] === before[key]) delete spec[key];
  return { ...service, spec };
}

function mapIn(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function isSame(a: KubeObject, b: KubeObject): boolean {
  return nameOf(a) === nameOf(b) && namespaceOf(a) === namespaceOf(b);
}

function keepAssigned(spec: JsonObject, before: JsonObject): void {
  for (const key of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'healthCheckNodePort']) {
    const known = before[key];
    if ((spec[key] === undefined || spec[key] === '') && known !== undefined) spec[key] = known;
  }
  const wantsPorts = spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer';
  const previous = listAt(before, 'ports');
  if (listAt(spec, 'ports').length === 0) return;
  spec['ports'] = listAt(spec, 'ports').map((port): Json => {
    if (!isJsonObject(port)) return port;
    const same = previous.find((one) => isSamePort(one, port));
    const nodePort = isJsonObject(same) ? same['nodePort'] : undefined;
    if (!wantsPorts) {
      // Ports of the older type go with it, unless somebody asks for them.
      const { nodePort: asked, ...rest } = port;
      return asked === undefined || asked === nodePort ? rest : port;
    }
    return port['nodePort'] === undefined && nodePort !== undefined ? { ...port, nodePort } : port;
  });
}

function isSamePort(a: Json, b: Json): boolean {
  return isJsonObject(a) && isJsonObject(b) && a['port'] === b['port'] && a['protocol'] === b['protocol'];
}

function assignAddress(
  kind: ServedKind,
  service: KubeObject,
  spec: JsonObject,
  others: readonly KubeObject[],
  live: KubeObject | undefined,
): void {
  const asked = stringAt(spec, 'clusterIP') ?? stringAt(listAt(spec, 'clusterIPs')[0] ?? null) ?? '';
  const used = new Set(others.map((other) => stringAt(other, 'spec', 'clusterIP')));
  const address = asked === '' ? freeAddress(used) : asked;
  if (live === undefined && address !== 'None' && used.has(address)) {
    const text = `failed to allocate IP ${address}: provided IP is already allocated`;
    throw invalid(kind, nameOf(service), [invalidValue('spec.clusterIPs', [address], text)]);
  }
  spec['clusterIP'] = address;
  const addresses = listAt(spec, 'clusterIPs');
  // A writer that changes the one address alone means the first of all.
  if (addresses[0] !== address) spec['clusterIPs'] = [address, ...addresses.slice(1)];
  if (spec['ipFamilies'] === undefined) spec['ipFamilies'] = ['IPv4'];
  if (spec['ipFamilyPolicy'] === undefined) spec['ipFamilyPolicy'] = 'SingleStack';
}

/** From 10.96.0.0/16, as the real server's default range. */
function freeAddress(used: ReadonlySet<string | undefined>): string {
  for (let number = 10; number < 65_535; number++) {
    const address = `10.96.${number >> 8}.${number & 255}`;
    if (!used.has(address)) return address;
  }
  return '10.96.255.254';
}

function assignNodePorts(kind: ServedKind, service: KubeObject, spec: JsonObject, others: readonly KubeObject[]): void {
  if (spec['type'] === 'LoadBalancer' && spec['allocateLoadBalancerNodePorts'] === false) return;
  const used = new Set(others.flatMap((other) => listAt(other, 'spec', 'ports').map(nodePortOf)));
  spec['ports'] = listAt(spec, 'ports').map((port, index): Json => {
    if (!isJsonObject(port)) return port;
    const asked = nodePortOf(port);
    if (asked !== 0) {
      if (used.has(asked)) {
        const error = invalidValue(`spec.ports[${index}].nodePort`, asked, 'provided port is already allocated');
        throw invalid(kind, nameOf(service), [error]);
      }
      used.add(asked);
      return port;
    }
    let free = firstNodePort;
    while (used.has(free) && free < lastNodePort) free++;
    used.add(free);
    return { ...port, nodePort: free };
  });
}

function nodePortOf(port: Json): number {
  const value = isJsonObject(port) ? port['nodePort'] : undefined;
  return typeof value === 'number' ? value : 0;
}
