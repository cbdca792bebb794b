import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Application } from '../../../../src/core/delivery/application.ts';
import type { IgnoreRule } from '../../../../src/core/drift/ignoreRule.ts';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';
import type { Jq, JqAnswer } from '../../../../src/ports/jq.ts';
import { JqAnswers } from '../../../../src/services/drift/jqAnswers.ts';

const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } } as KubeObject;
const other = { ...object, metadata: { name: 'b' } } as KubeObject;
const rules = (program: string): IgnoreRule[] => [
  { source: 'argocd', matching: 'argocd', target: {}, jqPathExpressions: [program] },
];
const application = { id: 'argocd:argocd/apps', name: 'apps' } as Application;

class ScriptedJq implements Jq {
  readonly asked: string[] = [];
  readonly #answer: JqAnswer;

  constructor(answer: JqAnswer) {
    this.#answer = answer;
  }

  paths(expression: string): Promise<JqAnswer> {
    this.asked.push(expression);
    return Promise.resolve(this.#answer);
  }
}

describe('what jq says of objects', () => {
  test('is missing at first, asked for once, and known then', async () => {
    const jq = new ScriptedJq({ paths: [['data']] });
    const answers = new JqAnswers(jq);
    assert.deepEqual(answers.paths('.data', object), []);
    assert.deepEqual(answers.paths('.data', object), []);
    assert.equal(answers.missing, 1);
    await answers.ask();
    assert.equal(answers.missing, 0);
    assert.deepEqual(answers.paths('.data', structuredClone(object)), [['data']]);
    assert.equal(answers.missing, 0);
    assert.deepEqual(jq.asked, ['.data']);
    assert.deepEqual(answers.problemsOf(application, rules('.data')), []);
  });

  test('an expression that can never be used is asked once, ignores nothing, and is a problem of who has the rule', async () => {
    const jq = new ScriptedJq({ failed: 'it is no path expression', always: true });
    const answers = new JqAnswers(jq);
    answers.paths('1', object);
    answers.paths('1', other);
    await answers.ask();
    assert.deepEqual(answers.paths('1', other), []);
    assert.deepEqual([answers.missing, jq.asked], [0, ['1']]);
    const [problem, ...more] = answers.problemsOf(application, rules('1'));
    assert.match(problem?.message ?? '', /The expression 1 .* ignores nothing for apps: it is no path expression/);
    assert.deepEqual([problem?.severity, more.length], ['warning', 0]);
    assert.deepEqual(answers.problemsOf(application, rules('.data')), []);
  });

  test('one that does not fit an object ignores nothing there, and is no problem', async () => {
    const answers = new JqAnswers(new ScriptedJq({ failed: 'Cannot iterate over null', always: false }));
    answers.paths('.a[]', object);
    await answers.ask();
    assert.deepEqual(answers.paths('.a[]', object), []);
    assert.equal(answers.missing, 0);
    assert.deepEqual(answers.problemsOf(application, rules('.a[]')), []);
  });

  test('without jq every such rule is a problem', async () => {
    const answers = new JqAnswers(undefined);
    answers.paths('.data', object);
    await answers.ask();
    assert.match(answers.problemsOf(application, rules('.data'))[0]?.message ?? '', /jq is not at hand/);
  });
});
