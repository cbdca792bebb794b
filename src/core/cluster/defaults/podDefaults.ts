import { type JsonObject, isJsonObject } from '../../json.ts';
import { fill, fillText, madeMap, mapAt, mapsAt } from './fill.ts';

/** Defaults of a Pod's spec, in a Pod and in every template of one. */
export function defaultPodSpec(spec: JsonObject): void {
  fillText(spec, 'dnsPolicy', 'ClusterFirst');
  fillText(spec, 'restartPolicy', 'Always');
  fillText(spec, 'schedulerName', 'default-scheduler');
  fill(spec, 'securityContext', {});
  fill(spec, 'terminationGracePeriodSeconds', 30);
  aliasServiceAccount(spec);
  for (const container of mapsAt(spec, 'initContainers')) defaultContainer(container);
  for (const container of mapsAt(spec, 'containers')) defaultContainer(container);
  for (const container of mapsAt(spec, 'ephemeralContainers')) defaultContainer(container);
  for (const volume of mapsAt(spec, 'volumes')) defaultVolume(volume);
}

/** Defaults of a Pod template; its metadata has none. */
export function defaultPodTemplate(owner: JsonObject, key = 'template'): void {
  const template = mapAt(owner, key);
  if (template !== undefined) defaultPodSpec(madeMap(template, 'spec'));
}

/** What a Pod has beyond its spec's defaults, and a template has not. */
export function defaultPod(pod: JsonObject): void {
  const spec = madeMap(pod, 'spec');
  defaultPodSpec(spec);
  fill(spec, 'enableServiceLinks', true);
  for (const list of ['initContainers', 'containers']) {
    for (const container of mapsAt(spec, list)) {
      requestsFromLimits(container);
      if (spec['hostNetwork'] !== true) continue;
      for (const port of mapsAt(container, 'ports'))
        if (port['containerPort'] !== undefined) fill(port, 'hostPort', port['containerPort']);
    }
  }
}

/** The older name of the service account is kept in step with the newer one. */
function aliasServiceAccount(spec: JsonObject): void {
  const name = spec['serviceAccountName'];
  if (typeof name === 'string' && name !== '') spec['serviceAccount'] = name;
  else if (typeof spec['serviceAccount'] === 'string') spec['serviceAccountName'] = spec['serviceAccount'];
}

function requestsFromLimits(container: JsonObject): void {
  const limits = mapAt(container, 'resources', 'limits');
  if (limits === undefined) return;
  const requests = madeMap(madeMap(container, 'resources'), 'requests');
  for (const [resource, limit] of Object.entries(limits)) fill(requests, resource, limit);
}

function defaultContainer(container: JsonObject): void {
  fillText(container, 'imagePullPolicy', pullPolicy(container['image']));
  fillText(container, 'terminationMessagePath', '/dev/termination-log');
  fillText(container, 'terminationMessagePolicy', 'File');
  for (const port of mapsAt(container, 'ports')) fillText(port, 'protocol', 'TCP');
  for (const variable of mapsAt(container, 'env')) {
    const reference = mapAt(variable, 'valueFrom', 'fieldRef');
    if (reference !== undefined) fillText(reference, 'apiVersion', 'v1');
  }
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const probe = mapAt(container, name);
    if (probe !== undefined) defaultProbe(probe);
  }
  for (const hook of ['postStart', 'preStop']) {
    const handler = mapAt(container, 'lifecycle', hook);
    if (handler !== undefined) defaultHttpGet(handler);
  }
}

/** `latest`, and no tag at all, are pulled each time; a digest says exactly which image it is. */
function pullPolicy(image: unknown): string {
  if (typeof image !== 'string' || image.includes('@')) return 'IfNotPresent';
  const lastPart = image.slice(image.lastIndexOf('/') + 1);
  const tag = lastPart.includes(':') ? lastPart.slice(lastPart.indexOf(':') + 1) : 'latest';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function defaultProbe(probe: JsonObject): void {
  fillNumber(probe, 'timeoutSeconds', 1);
  fillNumber(probe, 'periodSeconds', 10);
  fillNumber(probe, 'successThreshold', 1);
  fillNumber(probe, 'failureThreshold', 3);
  defaultHttpGet(probe);
  const grpc = mapAt(probe, 'grpc');
  if (grpc !== undefined) fill(grpc, 'service', '');
}

/** These fields are no pointers in Go, so 0 is as good as missing. */
function fillNumber(object: JsonObject, key: string, value: number): void {
  if (object[key] === 0) delete object[key];
  fill(object, key, value);
}

function defaultHttpGet(handler: JsonObject): void {
  const httpGet = mapAt(handler, 'httpGet');
  if (httpGet === undefined) return;
  fillText(httpGet, 'path', '/');
  fillText(httpGet, 'scheme', 'HTTP');
}

const fileModes = ['secret', 'configMap', 'downwardAPI', 'projected'];
/** 0644, what files of a volume are where nothing says it. */
const defaultMode = 420;

function defaultVolume(volume: JsonObject): void {
  if (!Object.entries(volume).some(([key, value]) => key !== 'name' && isJsonObject(value))) volume['emptyDir'] = {};
  for (const source of fileModes) {
    const found = mapAt(volume, source);
    if (found !== undefined) fill(found, 'defaultMode', defaultMode);
  }
  const hostPath = mapAt(volume, 'hostPath');
  if (hostPath !== undefined) fill(hostPath, 'type', '');
  for (const item of mapsAt(mapAt(volume, 'downwardAPI'), 'items')) defaultFieldReference(item);
  for (const source of mapsAt(mapAt(volume, 'projected'), 'sources')) {
    const token = mapAt(source, 'serviceAccountToken');
    if (token !== undefined) fill(token, 'expirationSeconds', 3600);
    for (const item of mapsAt(mapAt(source, 'downwardAPI'), 'items')) defaultFieldReference(item);
  }
  const claim = mapAt(volume, 'ephemeral', 'volumeClaimTemplate', 'spec');
  if (claim !== undefined) fill(claim, 'volumeMode', 'Filesystem');
  const iscsi = mapAt(volume, 'iscsi');
  if (iscsi !== undefined) fillText(iscsi, 'iscsiInterface', 'default');
  const disk = mapAt(volume, 'azureDisk');
  if (disk !== undefined) {
    fill(disk, 'cachingMode', 'ReadWrite');
    fill(disk, 'kind', 'Shared');
    fill(disk, 'fsType', 'ext4');
    fill(disk, 'readOnly', false);
  }
}

function defaultFieldReference(item: JsonObject): void {
  const reference = mapAt(item, 'fieldRef');
  if (reference !== undefined) fillText(reference, 'apiVersion', 'v1');
}
