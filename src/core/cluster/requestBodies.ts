import { applyJsonPatch } from '../apply/jsonPatch.ts';
import { applyMergePatch } from '../apply/mergePatch.ts';
import type { PatchResult } from '../apply/patchResult.ts';
import { applyStrategicMergePatch } from '../apply/strategicMergePatch.ts';
import { type Json, isJsonObject, stringAt } from '../json.ts';
import { type KubeObject, nameOf, namespaceOf } from '../kube/objectKey.ts';
import { decodeObject } from './decode.ts';
import type { ApplyRequest, PatchRequest } from './requests.ts';
import { type ServedKind, apiVersionOfKind } from './servedKind.ts';
import { StatusError, badRequest, invalid } from './statusError.ts';

/** The configuration that an apply sends; namespaces are checked by whoever knows the request's. */
export function appliedConfiguration(kind: ServedKind, name: string, body: Json, request: ApplyRequest): KubeObject {
  if ((request.fieldManager ?? '') === '') {
    const error = {
      field: 'fieldManager',
      reason: 'FieldValueRequired',
      message: 'Required value: is required for apply patch',
    } as const;
    throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [error]);
  }
  if (!isJsonObject(body)) throw badRequest('error decoding YAML: the body is not an object');
  const apiVersion = stringAt(body, 'apiVersion') ?? '';
  const bodyKind = stringAt(body, 'kind') ?? '';
  if (apiVersion !== apiVersionOfKind(kind) || bodyKind !== kind.kind) throw badRequest('invalid object type');
  const metadata = isJsonObject(body['metadata']) ? body['metadata'] : {};
  const config: KubeObject = { ...body, apiVersion, kind: bodyKind, metadata };
  if (nameOf(config) === '') throw badRequest('name must be provided');
  if (nameOf(config) !== name) throw nameMismatch(nameOf(config), name);
  return config;
}

/** The body that a patch makes of an object, before it is read as one. */
export function patchedBody(kind: ServedKind, live: KubeObject, patch: Json, type: PatchRequest['type']): Json {
  switch (type) {
    case 'json':
      return patchedObject(applyJsonPatch(live, patch));
    case 'merge':
      return applyMergePatch(live, patch);
    case 'strategic':
      if (kind.custom !== undefined) {
        throw new StatusError(
          415,
          'UnsupportedMediaType',
          'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
        );
      }
      if (!isJsonObject(patch)) throw badRequest('error decoding patch: the body is not an object');
      return patchedObject(applyStrategicMergePatch(live, patch, kind.schema));
  }
}

/** What a merge made is read once more; where that fails, the server blames itself. */
export function readMerged(merged: KubeObject, kind: ServedKind): KubeObject {
  try {
    decodeObject(merged, kind, 'Ignore');
    return merged;
  } catch (error) {
    if (!StatusError.is(error, 'BadRequest')) throw error;
    const mark = ` cannot be handled as a ${kind.kind}: `;
    const why = error.message.slice(error.message.indexOf(mark) + mark.length);
    const type = `${kind.group}/${kind.version}, Kind=${kind.kind}`;
    const cause = why.startsWith('illegal base64') ? `error decoding from json: ${why}` : why;
    const who = `${namespaceOf(merged)}/${nameOf(merged)}; ${type}`;
    const what = `failed to convert new object (${who}) to proper version: unable to convert unstructured object to ${type}`;
    throw new StatusError(500, '', `${what}: ${cause}`);
  }
}

export function nameMismatch(sent: string, wanted: string): StatusError {
  return badRequest(`the name of the object (${sent}) does not match the name on the URL (${wanted})`);
}

function patchedObject(result: PatchResult): Json {
  if (result.result === 'ok') return result.object;
  const message = `the server rejected our request due to an error in our request: ${result.error}`;
  throw new StatusError(422, 'Invalid', message);
}
