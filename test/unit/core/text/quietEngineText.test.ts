import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readFluxKustomization } from '../../../../src/core/delivery/flux/fluxKustomization.ts';
import { healthOf } from '../../../../src/core/health/healthOf.ts';
import { quietEngineText } from '../../../../src/core/text/quietEngineText.ts';

const patch = '{"data":{"password":"aHVudGVyMg=="},"metadata":{"annotations":{"a":"{\\"data\\":{}}"}}}';

describe('what an engine reports is shown without contents of Secrets', () => {
  const cases: [what: string, said: string, shown: string][] = [
    [
      'a patch that failed, as kubectl and Argo CD print it',
      `error when applying patch:\n${patch}\nto:\nResource: "/v1, Resource=secrets"\nfor: "STDIN": denied`,
      'error when applying patch:\n{…}\nto:\nResource: "/v1, Resource=secrets"\nfor: "STDIN": denied',
    ],
    ['a patch at the end', `applying patch:\n${patch}`, 'applying patch:\n{…}'],
    [
      'values that an API server refuses in a Secret, each of them',
      'Secret "x" is invalid: [data[a]: Invalid value: "hun\\"ter2": too short, type: Invalid value: "hunter3": field is immutable]',
      'Secret "x" is invalid: [data[a]: Invalid value: ***: too short, type: Invalid value: ***: field is immutable]',
    ],
    [
      'values of other kinds stay',
      'Service "x" is invalid: spec.ports[0].port: Invalid value: 99999: must be between 1 and 65535',
      'Service "x" is invalid: spec.ports[0].port: Invalid value: 99999: must be between 1 and 65535',
    ],
    ['anything else stays', 'dependency flux-system/infra is not ready', 'dependency flux-system/infra is not ready'],
  ];
  for (const [what, said, shown] of cases) test(what, () => assert.equal(quietEngineText(said), shown));

  test('in gates, history and health alike', () => {
    const message = `Secret/default/x dry-run failed: applying patch:\n${patch}\nto:\nx`;
    const object = {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: 'x', namespace: 'flux-system', generation: 1 },
      status: { observedGeneration: 1, conditions: [{ type: 'Ready', status: 'False', reason: 'Failed', message }] },
    };
    const read = JSON.stringify([readFluxKustomization(object), healthOf(object)]);
    assert.match(read, /applying patch/);
    assert.doesNotMatch(read, /aHVudGVyMg/);
  });
});
