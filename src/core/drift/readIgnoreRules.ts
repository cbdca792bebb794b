import { type Json, fieldAt, isJsonObject, listAt, stringAt } from '../json.ts';
import { printJson } from '../jsonText.ts';
import type { KubeObject } from '../kube/objectKey.ts';
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
    jsonPointers: textsOf(fieldAt(rule, 'jsonPointers')),
    jqPathExpressions: textsOf(fieldAt(rule, 'jqPathExpressions')),
    managedFieldsManagers: textsOf(fieldAt(rule, 'managedFieldsManagers')),
  }));
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
  return stringAt(rule, 'group') === undefined && stringAt(rule, 'kind') !== undefined ? { coreGroup: true } : {};
}

function textsOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
