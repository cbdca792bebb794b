import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  labelSelectorMatch,
  labelSelectorText,
  parseFieldSelector,
  parseLabelSelector,
} from '../../../../src/core/cluster/selectors.ts';
import { StatusError } from '../../../../src/core/cluster/statusError.ts';

const labels = { app: 'web', tier: 'front', 'example.com/part': 'ui', replicas: '3' };

/** selector => whether the labels above meet it */
const lines = `
app=web => yes
app==web => yes
app = web , tier = front => yes
app!=web => no
other!=web => yes
app => yes
!app => no
!other => yes
app in (web, api) => yes
app notin (web) => no
other notin (web) => yes
example.com/part=ui,tier in (front) => yes
replicas>2 => yes
replicas<3 => no
app= => no
`;

for (const line of lines.trim().split('\n')) {
  const [selector = '', expected] = line.split(' => ');
  test(`label selector ${selector}`, () => assert.equal(parseLabelSelector(selector)(labels), expected === 'yes'));
}

for (const selector of ['app=a=b=', 'app in web', '=web', 'a b']) {
  test(`${selector} is no label selector`, () => {
    assert.throws(
      () => parseLabelSelector(selector),
      (error) => StatusError.is(error, 'BadRequest'),
    );
  });
}

test('a LabelSelector object: empty selects all, absent none, expressions as their operators say', () => {
  assert.equal(labelSelectorMatch({})(labels), true);
  assert.equal(labelSelectorMatch(undefined)(labels), false);
  const expression = (operator: string, values: string[] = []) => ({
    matchExpressions: [{ key: 'app', operator, values }],
  });
  assert.equal(labelSelectorMatch(expression('In', ['web']))(labels), true);
  assert.equal(labelSelectorMatch(expression('NotIn', ['web']))(labels), false);
  assert.equal(labelSelectorMatch(expression('Exists'))(labels), true);
  assert.equal(labelSelectorMatch(expression('DoesNotExist'))(labels), false);
  assert.equal(
    labelSelectorText({ matchLabels: { app: 'web' }, ...expression('In', ['b', 'a']) }),
    'app in (a,b),app=web',
  );
});

test('a field selector takes names that the kind knows, and refuses others by naming them', () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { nodeName: 'n1' } };
  assert.equal(parseFieldSelector('metadata.name=p,spec.nodeName!=n2', 'Pod')(pod), true);
  assert.equal(parseFieldSelector('spec.nodeName==n2', 'Pod')(pod), false);
  assert.throws(
    () => parseFieldSelector('spec.nodeName=n1', 'ConfigMap'),
    (error) =>
      StatusError.is(error, 'BadRequest') && error.message.startsWith('"spec.nodeName" is not a known field selector'),
  );
});
