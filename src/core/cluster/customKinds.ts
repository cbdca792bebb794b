import { type Json, fieldAt, isJsonObject, listAt, stringAt } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import { nameOf } from '../kube/objectKey.ts';
import { readCrd } from '../schema/crdSchema.ts';
import type { CustomKind, ServedKind, ServedSubresource } from './servedKind.ts';

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const subresourceVerbs = ['get', 'patch', 'update'];

/** The kinds that a CustomResourceDefinition declares, storage version first: it is the preferred one. */
export function customKinds(crd: KubeObject): ServedKind[] {
  const names = fieldAt(crd, 'spec', 'names');
  const versions = listAt(crd, 'spec', 'versions');
  return readCrd(crd)
    .filter((version) => version.served)
    .map((version): ServedKind => {
      const declared = versions.find((entry) => stringAt(entry, 'name') === version.gvk.version);
      const scale = scaleOf(declared);
      const custom: CustomKind = {
        crd: nameOf(crd),
        openApi: fieldAt(declared, 'schema', 'openAPIV3Schema'),
        listKind: stringAt(names, 'listKind') ?? `${version.gvk.kind}List`,
        printerColumns: listAt(declared, 'additionalPrinterColumns'),
        ...(scale === undefined ? {} : { scale }),
      };
      return {
        ...version.gvk,
        resource: version.resource,
        singular: stringAt(names, 'singular') ?? version.gvk.kind.toLowerCase(),
        namespaced: version.namespaced,
        verbs,
        shortNames: texts(listAt(names, 'shortNames')),
        categories: texts(listAt(names, 'categories')),
        subresources: [
          ...(version.hasStatus ? [{ name: 'status', kind: version.gvk, verbs: subresourceVerbs }] : []),
          ...(scale === undefined ? [] : [scaleSubresource]),
        ],
        schema: version.schema,
        custom,
      };
    });
}

const scaleSubresource: ServedSubresource = {
  name: 'scale',
  kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
  verbs: subresourceVerbs,
};

function scaleOf(version: Json | undefined): CustomKind['scale'] {
  const scale = fieldAt(version, 'subresources', 'scale');
  if (!isJsonObject(scale)) return undefined;
  const labelSelectorPath = stringAt(scale, 'labelSelectorPath');
  return {
    specReplicasPath: stringAt(scale, 'specReplicasPath') ?? '.spec.replicas',
    statusReplicasPath: stringAt(scale, 'statusReplicasPath') ?? '.status.replicas',
    ...(labelSelectorPath === undefined ? {} : { labelSelectorPath }),
  };
}

function texts(items: readonly Json[]): string[] {
  return items.filter((item) => typeof item === 'string');
}
