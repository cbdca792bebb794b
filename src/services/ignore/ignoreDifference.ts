import type { Application } from '../../core/delivery/application.ts';
import { argoRuleFor, type DifferenceToIgnore, fluxRuleFor, settingRuleFor } from '../../core/drift/ruleForChange.ts';
import { fieldAt, type JsonObject, listAt } from '../../core/json.ts';
import { type KubeObject, groupVersionKindOf, nameOf, namespaceOf } from '../../core/kube/objectKey.ts';
import type { PathSegment } from '../../core/location.ts';
import { insertItem } from '../../core/manifest/edit.ts';
import { readManifests } from '../../core/manifest/readManifests.ts';
import { OpenApiSchema } from '../../core/schema/openApiSchema.ts';
import { childNode } from '../../core/schema/path.ts';
import { applyEdits } from '../../core/text/textEdits.ts';
import type { Cluster } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { FileTree } from '../../ports/fileTree.ts';

/** *Ignore this difference*, for one field of one object. */
export interface IgnoreQuestion extends DifferenceToIgnore {
  application: Application;
}

export interface IgnoreContext {
  /** The working tree. */
  tree: FileTree;
  /** Where the engine's own objects live; asked whether its version knows such rules at all. */
  cluster?: Cluster;
  signal?: AbortSignal;
}

/** What to write so that the difference is ignored. Nothing is written here. */
export type IgnoreProposal =
  | {
      /** The engine's own rule, in the file that declares its object: commit and deliver it as any other change. */
      kind: 'edit';
      file: string;
      before: string;
      after: string;
      rule: JsonObject;
      /** For people: `spec.ignore of Kustomization flux-system/apps`. */
      place: string;
      /** What the user should know before. */
      note?: string;
    }
  | {
      /** To be added to the list of the setting `plumbline.ignore` of the workspace. */
      kind: 'setting';
      rule: JsonObject;
      /** Why it is not the engine's own rule, as part of a sentence; absent for `direct`, which has none. */
      because?: string;
    }
  | { kind: 'refused'; reason: string };

interface RulePlace {
  group: string;
  kind: string;
  path: readonly string[];
  /** Members of `spec` that tell the declaration from a patch of it. */
  declares: readonly string[];
  ruleFor(difference: DifferenceToIgnore): JsonObject | undefined;
  note?: string;
}

const kustomization: RulePlace = {
  group: 'kustomize.toolkit.fluxcd.io',
  kind: 'Kustomization',
  path: ['spec', 'ignore'],
  declares: ['sourceRef'],
  ruleFor: fluxRuleFor,
};
const helmRelease: RulePlace = {
  group: 'helm.toolkit.fluxcd.io',
  kind: 'HelmRelease',
  path: ['spec', 'driftDetection', 'ignore'],
  declares: ['chart', 'chartRef'],
  ruleFor: fluxRuleFor,
};
const argoApplication: RulePlace = {
  group: 'argoproj.io',
  kind: 'Application',
  path: ['spec', 'ignoreDifferences'],
  declares: ['source', 'sources'],
  ruleFor: argoRuleFor,
  note: 'A sync still overwrites the field, unless the Application has the sync option RespectIgnoreDifferences=true.',
};

/**
 * Says how a difference comes to be ignored: by a rule of the engine itself where its object is declared in this repository, so that the engine
 * ignores it too; otherwise by the setting `plumbline.ignore` (design §4).
 */
export async function ignoreDifference(question: IgnoreQuestion, context: IgnoreContext): Promise<IgnoreProposal> {
  const { application } = question;
  const { control } = application;
  if (application.engine === 'direct' || control === undefined) return bySetting(question);
  const place = placeOf(application);
  const found = await findDeclarations(control, place, context);
  const [declaration, second] = found;
  const name = `${control.namespace}/${control.name}`;
  if (declaration === undefined) return bySetting(question, `${name} is declared in no file of this repository`);
  if (second !== undefined) {
    return bySetting(question, `${name} is declared in ${declaration.file} and in ${second.file} as well`);
  }
  const { file, text } = declaration;
  if (!(await isServed(place, declaration.object, context))) {
    return bySetting(question, `the ${place.kind} of this cluster has no ${place.path.join('.')}`);
  }
  const rule = place.ruleFor(question);
  if (rule === undefined) return { kind: 'refused', reason: 'No rule of the engine can name this place.' };
  const segments: PathSegment[] = place.path.map((step) => ({ field: step }));
  const { documentIndex, itemIndex } = declaration;
  const options = { profile: 'raw' as const, ...(itemIndex === undefined ? {} : { itemIndex }) };
  const edit = insertItem(text, documentIndex, segments, rule, options);
  if (!edit.ok) return bySetting(question, `${file} cannot be edited: ${edit.message}`);
  const after = applyEdits(text, edit.edits);
  return {
    kind: 'edit',
    file,
    before: text,
    after,
    rule,
    place: `${place.path.join('.')} of ${place.kind} ${name}`,
    ...(place.note === undefined ? {} : { note: place.note }),
  };
}

/** A Kustomization and a HelmRelease may well have one name. */
function placeOf({ engine, source }: Application): RulePlace {
  if (engine === 'argocd') return argoApplication;
  return source.kind === 'helm' ? helmRelease : kustomization;
}

function bySetting(question: IgnoreQuestion, because?: string): IgnoreProposal {
  const rule = settingRuleFor(question);
  if (rule === undefined) return { kind: 'refused', reason: 'No rule can name this place.' };
  return { kind: 'setting', rule, ...(because === undefined ? {} : { because }) };
}

interface Declaration {
  file: string;
  text: string;
  object: KubeObject;
  documentIndex: number;
  itemIndex: number | undefined;
}

/** Files that declare the engine's object; a manifest without a namespace may get it from a kustomization. */
async function findDeclarations(
  control: { namespace: string; name: string },
  place: RulePlace,
  { tree, signal }: IgnoreContext,
): Promise<Declaration[]> {
  const found: Declaration[] = [];
  for (const file of await tree.list(undefined, signal)) {
    if (!/\.(ya?ml|json)$/i.test(file)) continue;
    const bytes = await tree.read(file, signal);
    const text = bytes === undefined ? '' : new TextDecoder().decode(bytes);
    if (!text.includes(place.group) || !text.includes(control.name)) continue;
    for (const { object, documentIndex, itemIndex } of readManifests(text, { profile: 'raw' }).documents) {
      const isKind = groupVersionKindOf(object).group === place.group && object.kind === place.kind;
      const isNamed = nameOf(object) === control.name && ['', control.namespace].includes(namespaceOf(object));
      if (!isKind || !isNamed) continue;
      if (!place.declares.some((member) => fieldAt(object, 'spec', member) !== undefined)) continue;
      found.push({ file, text, object, documentIndex, itemIndex });
    }
  }
  return found;
}

/** What an older engine does not know it drops, or refuses; where the schema cannot be read, it is taken to know. */
async function isServed(place: RulePlace, object: KubeObject, { cluster, signal }: IgnoreContext): Promise<boolean> {
  if (cluster === undefined || listAt(object, ...place.path).length > 0) return true;
  try {
    const document = await cluster.openApi(object.apiVersion, signal);
    if (document === undefined) return true;
    let node = new OpenApiSchema(document).schemaFor(groupVersionKindOf(object));
    for (const step of place.path) {
      if (node?.map?.fields === undefined) return true;
      node = childNode(node, { field: step });
      if (node === undefined) return false;
    }
    return true;
  } catch (error) {
    if (!ClusterError.is(error)) throw error;
    return true;
  }
}
