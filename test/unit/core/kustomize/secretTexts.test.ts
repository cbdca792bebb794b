import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { buildFailure } from '../../../../src/core/kustomize/buildFailure.ts';
import { scanGraph } from '../../../../src/core/kustomize/graph.ts';
import { printYaml } from '../../../../src/core/manifest/printYaml.ts';
import { leaksIn } from '../../services/secrecy/needles.ts';
import { secretText } from '../../services/secrecy/situation.ts';
import { memoryFiles } from './memoryFiles.ts';

const secret = (stringData: Record<string, string>): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'x' },
  stringData,
});

/** Where a source may hold a value of a Secret. */
const places: Record<string, (value: string) => Record<string, string>> = {
  'a manifest': (value) => ({
    'app/kustomization.yaml': printYaml({ resources: ['secret.yaml'] }),
    'app/secret.yaml': printYaml(secret({ a: value }) as never),
  }),
  'a manifest, as base64': (value) => ({
    'app/kustomization.yaml': printYaml({ resources: ['secret.yaml'] }),
    'app/secret.yaml': printYaml({ kind: 'Secret', data: { a: Buffer.from(value).toString('base64') } }),
  }),
  'a patch of its own': (value) => ({
    'app/kustomization.yaml': printYaml({ patches: [{ path: 'patch.yaml' }] }),
    'app/patch.yaml': printYaml(secret({ a: value }) as never),
  }),
  'a patch within': (value) => ({
    'app/kustomization.yaml': printYaml({ patches: [{ patch: printYaml(secret({ a: value }) as never) }] }),
  }),
  'a literal': (value) => ({
    'app/kustomization.yaml': printYaml({ secretGenerator: [{ name: 'x', literals: [`a=${value}`] }] }),
  }),
  'a literal without its key': (value) => ({
    'app/kustomization.yaml': printYaml({ secretGenerator: [{ name: 'x', literals: [value] }] }),
  }),
  'a file': (value) => ({
    'app/kustomization.yaml': printYaml({ secretGenerator: [{ name: 'x', files: ['a=value.txt'] }] }),
    'app/value.txt': value,
  }),
  'a file of variables': (value) => ({
    'app/kustomization.yaml': printYaml({ secretGenerator: [{ name: 'x', envs: ['.env'] }] }),
    'app/.env': `A=${value.replaceAll('\n', ' ')}\n`,
  }),
};

/** What programs say of values that they do not like; the last of them is an admission of no known form. */
const sayings: ((value: string) => string)[] = [
  (value) => `Error: accumulating resources: cannot unmarshal ${value} into Go struct field`,
  (value) => `Error: invalid value ${JSON.stringify(value)} of key a: line 3`,
  (value) => `error: err=${JSON.stringify(`got ${JSON.stringify(value)}`)}`,
  (value) => `Error: illegal base64 data ${Buffer.from(value).toString('base64')}`,
  (value) => `Error: ${'x'.repeat(390)} ${value}`,
];

describe('a failed build tells no value of a Secret', () => {
  for (const [place, filesOf] of Object.entries(places)) {
    test(`that stands in ${place}`, async () => {
      await fc.assert(
        fc.asyncProperty(secretText, fc.constantFrom(...sayings), async (value, saying) => {
          const told = place === 'a file of variables' ? value.replaceAll('\n', ' ') : value;
          const graph = await scanGraph(memoryFiles(filesOf(value)), 'app', { allowRemote: false });
          const { message } = buildFailure(saying(told), graph);
          const leaks = leaksIn(message, [new Uint8Array(Buffer.from(told))], (needle) => saying('').includes(needle));
          assert.deepEqual(leaks, [], message);
        }),
      );
    });
  }

  test('and yet says what is wrong where', async () => {
    const files = { 'app/kustomization.yaml': 'secretGenerator:\n- name: x\n  literals:\n  - hunter2\n' };
    const graph = await scanGraph(memoryFiles(files), 'app', { allowRemote: false });
    const { message, location } = buildFailure('Error: no key in literal hunter2 of secret x', graph);
    assert.equal(message, 'kustomize: no key in literal *** of secret x');
    assert.equal(location?.file, 'app/kustomization.yaml');
  });
});
