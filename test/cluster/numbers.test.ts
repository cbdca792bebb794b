import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { equalJson, fieldAt } from '../../src/core/json.ts';
import { parseJson } from '../../src/core/jsonText.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { until } from '../rig/cluster/until.ts';
import { storedNumbers } from '../support/storedNumbers.ts';

const options = { controllers: false };

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'numbers.example.com' },
  spec: {
    group: 'example.com',
    names: { kind: 'Number', plural: 'numbers' },
    scope: 'Cluster',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

describe('numbers', { skip: await skipReason(options) }, () => {
  let plane: ControlPlane;
  const path = '/apis/example.com/v1/numbers';

  before(async () => {
    plane = await startControlPlane(options);
    await plane.api.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
    await until('the kind is served', async () => ((await plane.api.get(path)).status === 200 ? true : undefined));
  });
  after(() => plane.stop());

  for (const [index, [sent, stored]] of storedNumbers.entries()) {
    test(`${sent} is stored as ${stored}, which is how it is read here`, async () => {
      const body = `{"apiVersion":"example.com/v1","kind":"Number","metadata":{"name":"n${index}"},"value":${sent}}`;
      const created = async (): Promise<true | undefined> =>
        (await plane.tryKubectl(['create', '--raw', path, '-f', '-'], { input: body })).code === 0 ? true : undefined;
      await until('it is created', created);
      const answer = (await plane.api.get(`${path}/n${index}`)).body;
      assert.equal(/"value":([^,}]+)/.exec(answer)?.[1], stored);
      assert.ok(equalJson(fieldAt(parseJson(answer), 'value'), fieldAt(parseJson(body), 'value')));
    });
  }
});
