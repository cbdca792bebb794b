import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { compareObject } from '../../../../src/core/drift/compareObject.ts';
import { type IgnoreRule, type RulePath, placesOf, withoutPath } from '../../../../src/core/drift/ignoreRule.ts';
import { matchesSelector } from '../../../../src/core/drift/labelSelector.ts';
import {
  argoIgnoreRules,
  argoSystemIgnoreRules,
  fluxIgnoreRules,
  settingIgnoreRules,
} from '../../../../src/core/drift/readIgnoreRules.ts';
import type { Json } from '../../../../src/core/json.ts';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';
import { worldOf } from './world.ts';

const lines = readFileSync(new URL('ignore.cases.txt', import.meta.url), 'utf8').split('\n');

function rulesOf(source: string, rule: Json): IgnoreRule[] {
  const object = (kind: string, spec: Json): KubeObject => ({ apiVersion: 'v1', kind, metadata: {}, spec });
  if (source === 'flux') return fluxIgnoreRules(object('Kustomization', { ignore: [rule] }));
  if (source === 'argocd') return argoIgnoreRules(object('Application', { ignoreDifferences: [rule] }));
  return settingIgnoreRules([rule]).rules;
}

describe('ignore rules', () => {
  for (const line of lines) {
    if (line === '' || line.startsWith('#')) continue;
    const [name = '', source = '', yaml = '', base = '', live = '', covered = ''] = line
      .split(' | ')
      .map((cell) => cell.trim());
    test(name, () => {
      const ignore = rulesOf(source, parse(yaml) as Json);
      assert.equal(ignore.length, 1);
      const delivery = source === 'flux' ? 'flux' : 'argocd';
      const jqPaths = (): (string | number)[][] => [['spec', 'template', 'spec', 'containers', 0, 'image']];
      const without = worldOf({ delivery, base, git: '', live }, compareObject);
      const result = worldOf({ delivery, base, git: '', live }, compareObject, { ignore, jqPaths });
      const [first] = result.changes;
      assert.equal(first?.path, without.changes[0]?.path, 'the difference stays listed');
      assert.equal(first?.status === 'ignored' && without.changes[0]?.status !== 'ignored', covered === 'yes');
      if (covered === 'yes') assert.equal(result.ignored, without.ignored + 1);
    });
  }

  test('what jq finds in the cluster alone leaves Git’s value to be applied, what it finds in Git does not', () => {
    const rule = { group: 'apps', kind: 'Deployment', jqPathExpressions: ['chosen by its value'] };
    const image = ['spec', 'template', 'spec', 'containers', 0, 'image'];
    const statusWhere = (holds: (text: string) => boolean): string | undefined => {
      const jqPaths = (_: string, object: KubeObject): (string | number)[][] =>
        holds(JSON.stringify(object)) ? [image] : [];
      const change = 'kubectl-set: spec.template.spec.containers.0.image=edited';
      const options = { ignore: rulesOf('argocd', rule), jqPaths };
      const { changes } = worldOf(
        { delivery: 'argocd', base: 'Deployment', git: '', live: change },
        compareObject,
        options,
      );
      return changes[0]?.status;
    };
    assert.equal(
      statusWhere((text) => text.includes('edited')),
      'drifted',
    );
    assert.equal(
      statusWhere((text) => !text.includes('edited')),
      'ignored',
    );
  });

  test('managers of Argo CD keep no field that Git dropped', () => {
    const rule = { group: '*', kind: '*', managedFieldsManagers: ['tuner'] };
    const world = { delivery: 'argocd', base: 'ConfigMap', git: '-data.color', live: 'tuner: data.color=red' } as const;
    const { changes } = worldOf(world, compareObject, { ignore: rulesOf('argocd', rule) });
    assert.deepEqual(
      changes.map(({ path, status }) => `${path} ${status}`),
      ['data.color conflict'],
    );
  });

  const object: Json = { list: [{ a: 1 }, { a: 2 }, { a: 3 }], map: { x: { y: 1 } } };
  const places: [RulePath, (string | number)[][]][] = [
    [['map', 'x'], [['map', 'x']]],
    [['map', 'z'], []],
    [['map', 'x', 'y', 'z'], []],
    [['list', '1', 'a'], [['list', 1, 'a']]],
    [['list', '-1'], [['list', 2]]],
    [['list', -4], []],
    [['list', '3'], []],
    [['list', 'x'], []],
    [
      ['list', { start: 1, end: null }],
      [
        ['list', 1],
        ['list', 2],
      ],
    ],
    [['list', { start: null, end: -2 }], [['list', 0]]],
    [['list', { start: 1, end: 3 }, -1, 'a'], [['list', 2, 'a']]],
    [['list', { start: 1, end: 3 }, 0], [['list', 1]]],
  ];
  for (const [path, expected] of places) {
    test(`the place of ${JSON.stringify(path)}`, () => {
      assert.deepEqual(placesOf(path, object), expected);
    });
  }

  const overrides: [string, Record<string, string>, Json][] = [
    ['the core group as Argo CD finds it', { _ConfigMap: 'managedFieldsManagers: [x]' }, [['x']]],
    ['a kind alone, which it does not find', { ConfigMap: 'managedFieldsManagers: [x]' }, [null]],
    ['a kind of a group', { apps_Deployment: 'managedFieldsManagers: [x]' }, [['x']]],
    ['all', { all: 'managedFieldsManagers: [x]' }, [['x']]],
  ];
  for (const [name, keys, expected] of overrides) {
    test(`managers of the whole Argo CD: ${name}`, () => {
      const data = Object.fromEntries(
        Object.entries(keys).map(([key, text]) => [`resource.customizations.ignoreDifferences.${key}`, text]),
      );
      const { rules } = argoSystemIgnoreRules({ apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, data });
      assert.deepEqual(
        rules.map(({ managedFieldsManagers }) => managedFieldsManagers ?? null),
        expected,
      );
    });
  }

  test('of the whole Argo CD, a key of its own counts instead of the older text', () => {
    const data = {
      'resource.customizations': 'apps/Deployment:\n  ignoreDifferences: |\n    jsonPointers: [/old]\n',
      'resource.customizations.ignoreDifferences.apps_Deployment': 'jsonPointers: [/new]',
    };
    const { rules } = argoSystemIgnoreRules({ apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, data });
    assert.deepEqual(
      rules.map(({ jsonPointers }) => jsonPointers),
      [['/new']],
    );
  });

  test('a HelmRelease keeps its rules elsewhere', () => {
    const spec = { driftDetection: { ignore: [{ paths: ['/spec/replicas'] }] } };
    const rules = fluxIgnoreRules({ apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease', metadata: {}, spec });
    assert.deepEqual(rules[0]?.jsonPointers, ['/spec/replicas']);
  });

  const system: [string, Record<string, string>, unknown][] = [
    [
      'a kind',
      { 'resource.customizations.ignoreDifferences.apps_Deployment': 'jsonPointers: [/spec/replicas]' },
      [{ group: 'apps', kind: 'Deployment' }],
    ],
    [
      'a kind of the core group',
      { 'resource.customizations.ignoreDifferences.Service': 'jsonPointers: [/x]' },
      [{ coreGroup: true, kind: 'Service' }],
    ],
    [
      'all',
      { 'resource.customizations.ignoreDifferences.all': 'managedFieldsManagers: [x]' },
      [{ group: '*', kind: '*' }],
    ],
    [
      'the older key',
      { 'resource.customizations': 'apps/*:\n  ignoreDifferences: |\n    jsonPointers: [/x]\n' },
      [{ group: 'apps', kind: '*' }],
    ],
    ['other keys', { 'resource.customizations.health.apps_Deployment': 'x', timeout: '1' }, []],
    [
      'no YAML',
      { 'resource.customizations.ignoreDifferences.all': 'a: [' },
      /ignoreDifferences\.all of ConfigMap argocd-cm cannot be read/,
    ],
    ['no map', { 'resource.customizations': 'x' }, /resource\.customizations of ConfigMap argocd-cm cannot be read/],
  ];
  for (const [name, data, expected] of system) {
    test(`of the whole Argo CD: ${name}`, () => {
      const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm' }, data };
      const { rules, problems } = argoSystemIgnoreRules(configMap);
      if (expected instanceof RegExp) assert.match(problems[0]?.message ?? '', expected);
      else assert.deepEqual([problems, rules.map((rule) => rule.target)], [[], expected]);
    });
  }

  const settings: [string, Json, RegExp | undefined][] = [
    ['no list', { paths: [] }, /must be a list/],
    ['nothing', null, undefined],
    ['no object', ['x'], /Rule 1 is not an object/],
    ['unknown member', [{ pathes: ['/a'] }], /unknown member "pathes"/],
    ['nothing to ignore', [{ kind: 'X' }], /neither paths nor managers/],
    ['no pointer', [{ paths: ['spec.replicas'] }], /no JSON pointer.*"spec.replicas"/],
    ['paths as text', [{ paths: '/spec' }], /needs lists/],
    ['a good one', [{ managers: ['x'] }], undefined],
  ];
  for (const [name, setting, problem] of settings) {
    test(`setting: ${name}`, () => {
      const { problems } = settingIgnoreRules(setting);
      if (problem === undefined) assert.deepEqual(problems, []);
      else assert.match(problems[0]?.message ?? '', problem);
    });
  }

  test('one wrong rule leaves the others', () => {
    const { rules, problems } = settingIgnoreRules([{ paths: ['bad'] }, { paths: ['/good'] }]);
    assert.deepEqual([rules.length, problems.length], [1, 1]);
  });
});

describe('matchesSelector', () => {
  const labels = { app: 'web', empty: '' };
  const cases: [string, boolean | undefined][] = [
    ['', true],
    ['app=web', true],
    ['app==web,empty=', true],
    ['app!=web', false],
    ['other!=x', true],
    ['app', true],
    ['!app', false],
    ['!other', true],
    ['app in (api, web)', true],
    ['app notin (api,web)', false],
    ['other notin (x)', true],
    ['constructor', false],
    ['app in web', undefined],
    ['a b', undefined],
  ];
  for (const [selector, expected] of cases) {
    test(selector || 'empty', () => assert.equal(matchesSelector(selector, labels), expected));
  }
});

describe('withoutPath', () => {
  const value = { list: [{ a: 1 }, { b: 2 }], map: { x: 1, y: 2 } };
  const cases: [(string | number)[], Json][] = [
    [['map', 'x'], { list: value.list, map: { y: 2 } }],
    [['list', '1'], { list: [{ a: 1 }], map: value.map }],
    [['list', 0, 'a'], { list: [{}, { b: 2 }], map: value.map }],
  ];
  for (const [path, expected] of cases) {
    test(path.join('/'), () => assert.deepEqual(withoutPath(value, path), expected));
  }
  test('what is not there changes nothing', () => {
    for (const path of [
      ['list', '7'],
      ['map', 'z'],
      ['map', 'x', 'deep'],
      ['__proto__', 'x'],
      ['list', '-'],
    ]) {
      assert.equal(withoutPath(value, path), value);
    }
  });
});
