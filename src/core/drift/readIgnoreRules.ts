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

/** Rules of an Argo CD Application: `spec.ignoreDifferences` (semantics A-9). */
export function argoIgnoreRules(application: KubeObject): IgnoreRule[] {
  return listAt(application, 'spec', 'ignoreDifferences').map((rule) => ({
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
  const rules: IgnoreRule[] = [];
  const problems: Problem[] = [];
  const data = fieldAt(configMap, 'data');
  if (!isJsonObject(data)) return { rules, problems };
  const add = (key: string, target: IgnoreTarget, text: Json | undefined): void => {
    const rule = mapOf(text);
    if (rule === undefined) problems.push(unreadableOverride(configMap, key));
    else rules.push({ source: 'argocd', matching: 'argocd', target, ...argoPathsOf(rule) });
  };
  for (const key of Object.keys(data)) {
    if (key.startsWith(overridePrefix)) add(key, overrideTarget(key.slice(overridePrefix.length), '_'), data[key]);
  }
  const older = data['resource.customizations'];
  if (older === undefined) return { rules, problems };
  const customizations = mapOf(older);
  if (customizations === undefined) problems.push(unreadableOverride(configMap, 'resource.customizations'));
  for (const [key, customization] of Object.entries(customizations ?? {})) {
    const text = fieldAt(customization, 'ignoreDifferences');
    if (text !== undefined) add(`resource.customizations: ${key}`, overrideTarget(key, '/'), text);
  }
  return { rules, problems };
}

function mapOf(text: Json | undefined): JsonObject | undefined {
  if (typeof text !== 'string') return undefined;
  const { values, problems } = readYamlValues(text, { profile: 'raw' });
  const [value] = values;
  return problems.length === 0 && value !== undefined && isJsonObject(value) ? value : undefined;
}

/** `apps_Deployment` or `apps/Deployment`, `Service` of the core group, `all` or `*` and `*`. */
function overrideTarget(name: string, separator: '_' | '/'): IgnoreTarget {
  if (name === 'all' || name === `*${separator}*`) return {};
  const at = name.indexOf(separator);
  if (at === -1) return { coreGroup: true, kind: name };
  const group = name.slice(0, at);
  return group === '' ? { coreGroup: true, kind: name.slice(1) } : { group, kind: name.slice(at + 1) };
}

function unreadableOverride(configMap: KubeObject, key: string): Problem {
  return {
    code: 'invalid-config',
    severity: 'warning',
    message: `The rule ${key} of ConfigMap ${stringAt(configMap, 'metadata', 'name') ?? ''} cannot be read, so it ignores nothing here.`,
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
