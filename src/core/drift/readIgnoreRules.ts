import { type Json, type JsonObject, fieldAt, isJsonObject, listAt, stringAt } from '../json.ts';
import { printJson } from '../jsonText.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import { readYamlValues } from '../manifest/readManifests.ts';
import type { Problem } from '../problem.ts';
import { type IgnoreRule, type IgnoreTarget, parsePointer } from './ignoreRule.ts';

const targetMembers = ['group', 'version', 'kind', 'namespace', 'name', 'labelSelector', 'annotationSelector'] as const;

/** Rules of a Flux Kustomization (`spec.ignore`) or HelmRelease (`spec.driftDetection.ignore`) (semantics F-10). */
export function fluxIgnoreRules(engineObject: KubeObject): IgnoreRule[] {
  const path = engineObject.kind === 'HelmRelease' ? ['spec', 'driftDetection', 'ignore'] : ['spec', 'ignore'];
  return listAt(engineObject, ...path).map((rule) => ({
    source: 'flux',
    matching: 'regex',
    target: targetOf(fieldAt(rule, 'target')),
    jsonPointers: textsOf(fieldAt(rule, 'paths')),
  }));
}

/** Rules of an Argo CD Application: `spec.ignoreDifferences` (semantics A-9). One with an empty kind is meant for none. */
export function argoIgnoreRules(application: KubeObject): IgnoreRule[] {
  return listAt(application, 'spec', 'ignoreDifferences')
    .filter((rule) => stringAt(rule, 'kind') !== '')
    .map((rule) => ({
      source: 'argocd',
      matching: 'argocd',
      target: { ...targetOf(rule), ...coreGroup(rule) },
      ...argoPathsOf(rule),
    }));
}

function argoPathsOf(rule: Json): Pick<IgnoreRule, 'jsonPointers' | 'jqPathExpressions' | 'managedFieldsManagers'> {
  return {
    jsonPointers: textsOf(fieldAt(rule, 'jsonPointers')),
    jqPathExpressions: textsOf(fieldAt(rule, 'jqPathExpressions')),
    managedFieldsManagers: textsOf(fieldAt(rule, 'managedFieldsManagers')),
  };
}

const overridePrefix = 'resource.customizations.ignoreDifferences.';

/**
 * Rules that hold for all Applications of an Argo CD, of its ConfigMap `argocd-cm`: the keys
 * `resource.customizations.ignoreDifferences.GROUP_KIND` and `….all` (semantics A-9), and `ignoreDifferences` of the older
 * `resource.customizations`. Their texts are YAML; what cannot be read is a problem.
 */
export function argoSystemIgnoreRules(configMap: KubeObject): { rules: IgnoreRule[]; problems: Problem[] } {
  const overrides = new Map<string, JsonObject>();
  const problems: Problem[] = [];
  const data = fieldAt(configMap, 'data');
  if (!isJsonObject(data)) return { rules: [], problems };
  const add = (key: string, override: string | undefined, text: Json | undefined): void => {
    const rule = mapOf(text);
    if (rule === undefined || override === undefined) problems.push(unreadableOverride(configMap, key));
    else overrides.set(override, rule);
  };
  const older = data['resource.customizations'];
  const customizations = older === undefined ? {} : mapOf(older);
  if (customizations === undefined) problems.push(unreadableOverride(configMap, 'resource.customizations'));
  for (const [key, customization] of Object.entries(customizations ?? {})) {
    const text = fieldAt(customization, 'ignoreDifferences');
    if (text !== undefined) add(`resource.customizations: ${key}`, key, text);
  }
  // A key of its own counts instead of what the older text says of the same kind.
  for (const key of Object.keys(data)) {
    if (key.startsWith(overridePrefix)) add(key, overrideOf(key.slice(overridePrefix.length)), data[key]);
  }
  return { rules: [...overrides].map(([override, rule]) => overrideRule(override, rule)), problems };
}

function mapOf(text: Json | undefined): JsonObject | undefined {
  if (typeof text !== 'string') return undefined;
  const { values, problems } = readYamlValues(text, { profile: 'raw' });
  const [value] = values;
  return problems.length === 0 && value !== undefined && isJsonObject(value) ? value : undefined;
}

/** `apps_Deployment` is `apps/Deployment`, `all` is all; more than one such sign is none. */
function overrideOf(name: string): string | undefined {
  if (name === 'all') return '*/*';
  const parts = name.split('_');
  return parts.length > 2 ? undefined : parts.join('/');
}

/**
 * Argo CD matches group and kind as globs for paths, while it looks managers up by the very text `GROUP/KIND`: a kind of the core group
 * written without a slash, or a glob other than all, has none.
 */
function overrideRule(override: string, rule: JsonObject): IgnoreRule {
  const [group = '', kind = ''] = override.includes('/') ? override.split('/') : ['', override];
  const isFound = override === '*/*' || (override.includes('/') && !/[*?[\]{}\\]/.test(override));
  const { managedFieldsManagers, ...paths } = argoPathsOf(rule);
  return {
    source: 'argocd',
    matching: 'argocd',
    target: { ...(group === '' ? { coreGroup: true } : { group }), kind },
    ...paths,
    ...(isFound ? { managedFieldsManagers } : {}),
  };
}

function unreadableOverride(configMap: KubeObject, key: string): Problem {
  return {
    code: 'invalid-config',
    severity: 'warning',
    message: `The rule ${key} of ConfigMap ${stringAt(configMap, 'metadata', 'name') ?? ''} cannot be read: Argo CD compares nothing while it stands there.`,
    remedy: 'Write it as YAML with jsonPointers, jqPathExpressions or managedFieldsManagers.',
  };
}

/**
 * Rules of the setting `plumbline.ignore`: `{kind?, group?, namespace?, name?, paths: ["/spec/replicas"], managers?}`, all names as globs.
 * What is wrong with one is a problem, and the others count.
 */
export function settingIgnoreRules(setting: Json): { rules: IgnoreRule[]; problems: Problem[] } {
  if (!Array.isArray(setting))
    return { rules: [], problems: setting === null ? [] : [wrong('It must be a list of rules.')] };
  const rules: IgnoreRule[] = [];
  const problems: Problem[] = [];
  setting.forEach((rule, index) => {
    const fault = faultOf(rule);
    if (fault !== undefined) {
      problems.push(wrong(`Rule ${index + 1} ${fault}.`));
      return;
    }
    rules.push({
      source: 'plumbline',
      matching: 'glob',
      target: targetOf(rule),
      jsonPointers: textsOf(fieldAt(rule, 'paths')),
      managedFieldsManagers: textsOf(fieldAt(rule, 'managers')),
    });
  });
  return { rules, problems };
}

function faultOf(rule: Json): string | undefined {
  if (!isJsonObject(rule)) return 'is not an object';
  const known = [...targetMembers, 'paths', 'managers'];
  const unknown = Object.keys(rule).find((key) => !known.some((name) => name === key));
  if (unknown !== undefined) return `has an unknown member "${unknown}"`;
  const paths = rule['paths'] ?? [];
  const managers = rule['managers'] ?? [];
  if (!Array.isArray(paths) || !Array.isArray(managers)) return 'needs lists as "paths" and "managers"';
  if (paths.length === 0 && managers.length === 0)
    return 'names neither paths nor managers, so it would ignore nothing';
  const bad = paths.find((path) => typeof path !== 'string' || parsePointer(path) === undefined);
  if (bad !== undefined) return `has a path that is no JSON pointer, such as "/spec/replicas": ${printJson(bad)}`;
  return undefined;
}

function wrong(detail: string): Problem {
  return {
    code: 'invalid-config',
    severity: 'warning',
    message: `The setting plumbline.ignore is not as it should be. ${detail}`,
    remedy: 'Write rules as {"kind": "Deployment", "name": "web", "paths": ["/spec/replicas"]}.',
  };
}

function targetOf(target: Json | undefined): IgnoreTarget {
  const found: IgnoreTarget = {};
  for (const member of targetMembers) {
    const value = stringAt(target, member);
    if (value !== undefined && value !== '') found[member] = value;
  }
  return found;
}

/** In Argo CD a rule without a group means the core group, not any. */
function coreGroup(rule: Json): IgnoreTarget {
  return (stringAt(rule, 'group') ?? '') === '' ? { coreGroup: true } : {};
}

function textsOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
