import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { withLastApplied } from '../../../../src/core/apply/lastApplied.ts';
import { canonicalBase64, decodeBase64, encodeBase64 } from '../../../../src/core/text/base64.ts';
import { compareObject } from '../../../../src/core/drift/compareObject.ts';
import { Masks, encryptionOf, maskObject } from '../../../../src/core/drift/mask.ts';
import { redact } from '../../../../src/core/drift/redact.ts';
import { type JsonObject, fieldAt } from '../../../../src/core/json.ts';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';
import { worldOf } from './world.ts';

function secret(body: JsonObject, annotations: JsonObject = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', annotations }, ...body };
}

describe('maskObject', () => {
  test('equal values get equal masks in all documents of one diff, text and base64 alike', () => {
    const masks = new Masks();
    const git = maskObject(secret({ stringData: { a: 'hunter2', b: 'other' } }), masks);
    const live = maskObject(secret({ data: { a: 'aHVudGVyMg==', b: 'Y2hhbmdlZA==' } }), masks);
    assert.equal(fieldAt(git, 'stringData', 'a'), fieldAt(live, 'data', 'a'));
    assert.notEqual(fieldAt(git, 'stringData', 'b'), fieldAt(live, 'data', 'b'));
  });

  test('the last-applied annotation is masked inside', () => {
    const masked = maskObject(withLastApplied(secret({ data: { a: 'aHVudGVyMg==' }, stringData: { b: 'hunter3' } })));
    const text = JSON.stringify(masked);
    assert.ok(!text.includes('aHVudGVyMg') && !text.includes('hunter3'));
    assert.match(text, /last-applied-configuration.*Secret/);
  });

  const broken: [string, string][] = [
    ['no JSON', '{"data":{"a":"aHVudGVyMg=="}'],
    ['not an object', '["aHVudGVyMg=="]'],
    ['no kind', '{"data":{"a":"aHVudGVyMg=="}}'],
    ['another kind', '{"kind":"ConfigMap","apiVersion":"v1","metadata":{},"data":{"a":"aHVudGVyMg=="}}'],
    [
      'nested once more',
      '{"kind":"Secret","metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"aHVudGVyMg=="}}}',
    ],
    ['data as a text', '{"kind":"Secret","metadata":{},"data":"aHVudGVyMg=="}'],
  ];
  for (const [name, annotation] of broken) {
    test(`an annotation that is ${name} leaks nothing`, () => {
      const masked = maskObject(secret({}, { 'kubectl.kubernetes.io/last-applied-configuration': annotation }));
      assert.ok(!JSON.stringify(masked).includes('aHVudGVyMg'));
    });
  }

  test('values are hidden in whatever map they stand, as in one whose name is misspelt', () => {
    const object = secret({
      type: 'Opaque',
      immutable: true,
      stringdata: { a: 'hunter2' },
      Data: ['hunter2'],
      x: 'hunter2',
    });
    const { type, immutable, stringdata, Data, x } = maskObject(object);
    assert.deepEqual([type, immutable, stringdata, Data, x], ['Opaque', true, { a: '*** (1)' }, '*** (2)', '*** (1)']);
  });

  test('other kinds stay as they are, but for what is tainted', () => {
    const map: KubeObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'x' },
      data: { url: 'a:hunter2@b', port: '80' },
    };
    assert.equal(maskObject(map), map);
    const masked = maskObject(
      map,
      new Masks(),
      (_path, value) => typeof value === 'string' && value.includes('hunter2'),
    );
    assert.deepEqual(masked['data'], { url: '*** (1)', port: '80' });
  });

  test('no value of a Secret survives, whatever it is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string({ minLength: 8 })), (values) => {
        const needle = Object.values(values).filter((value) => !/^[* ()\d",[\]]*$/.test(value));
        const object = withLastApplied(
          secret({
            stringData: values,
            data: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, encodeBase64(value)])),
          }),
        );
        const { stringData, data } = maskObject(object);
        const shown = JSON.stringify([
          Object.values((stringData ?? {}) as JsonObject),
          Object.values((data ?? {}) as JsonObject),
        ]);
        return needle.every((value) => !shown.includes(value) && !shown.includes(encodeBase64(value)));
      }),
    );
  });
});

describe('reports hold no Secret value', () => {
  const cases = ['csa', 'ssa', 'flux', 'argocd', 'created'].flatMap((delivery) =>
    ['Secret', 'TextSecret'].map((base) => [delivery, base] as const),
  );
  for (const [delivery, base] of cases) {
    test(`${delivery} ${base}`, () => {
      const live =
        'kubectl-edit: data.password=bmV3dmFsdWU= ; data.more=bW9yZXZhbHVl ; -data.user ; metadata.labels.x=1';
      const text = JSON.stringify(worldOf({ delivery, base, git: 'data.fresh=ZnJlc2h2YWx1ZQ==', live }, compareObject));
      assert.match(text, /password/);
      for (const value of [
        'hunter2',
        'aHVudGVyMg',
        'newvalue',
        'bmV3dmFsdWU',
        'bW9yZXZhbHVl',
        'YWRtaW4',
        'ZnJlc2h2YWx1ZQ',
      ]) {
        assert.ok(!text.includes(value), value);
      }
    });
  }

  test('a whole map of data that is gone', () => {
    const text = JSON.stringify(
      worldOf({ delivery: 'csa', base: 'Secret', git: '', live: 'kubectl-edit: -data' }, compareObject),
    );
    assert.match(text, /"path":"data".*"masked":true/);
    assert.ok(!text.includes('aHVudGVyMg'));
  });

  test('a map of values whose name is misspelt, where the cluster shows no schema', () => {
    const git = 'stringdata={password: hunter2}';
    const result = worldOf({ delivery: 'ssa-bare', base: 'Secret', git, live: '' }, compareObject);
    assert.deepEqual(
      result.changes.map(({ path, masked }) => [path, masked]),
      [['stringdata', true]],
    );
  });

  test('a tainted value outside a Secret, also within a larger difference', () => {
    const isTainted = (_path: unknown, value: unknown): boolean => value === 'blue';
    const one = worldOf(
      { delivery: 'csa', base: 'ConfigMap', git: '', live: 'kubectl-edit: data.color=red' },
      compareObject,
      { isTainted },
    );
    assert.equal(one.changes[0]?.masked, true);
    const all = worldOf({ delivery: 'csa', base: 'ConfigMap', git: '', live: 'kubectl-edit: -data' }, compareObject, {
      isTainted,
    });
    assert.ok(!JSON.stringify(all).includes('blue'));
  });
});

describe('how far Secrets are compared', () => {
  const edit = 'kubectl-edit: data.password=bmV3 ; data.more=eA==';
  const statuses = (secrets: 'compare' | 'keys' | 'skip', base = 'Secret', git = ''): string[] => {
    const result = worldOf({ delivery: 'flux', base, git, live: edit }, compareObject, { secrets });
    return [result.status, ...result.changes.map((change) => `${change.path} ${change.op}`)];
  };
  test('compare', () => assert.deepEqual(statuses('compare'), ['drifted', 'data.more added', 'data.password changed']));
  test('keys', () => assert.deepEqual(statuses('keys'), ['drifted', 'data.more added']));
  test('skip', () => assert.deepEqual(statuses('skip'), ['unknown']));
  const sops = 'data.user=ENC[AES256_GCM,data:x] ; data.password=ENC[AES256_GCM,data:y] ; sops={mac: z}';
  test('SOPS by keys alone', () =>
    assert.deepEqual(statuses('compare', 'SopsSecret', sops), ['drifted', 'data.more added']));
});

describe('encryptionOf', () => {
  const cases: [string, KubeObject, string | undefined][] = [
    ['plain', secret({ data: { a: 'aHVudGVyMg==' } }), undefined],
    ['sops metadata', secret({ sops: { mac: 'x' } }), 'sops'],
    ['encrypted text', secret({ stringData: { a: 'ENC[AES256_GCM,data:x]' } }), 'sops'],
    ['encrypted data', secret({ data: { a: encodeBase64('ENC[AES256_GCM,data:x]') } }), 'sops'],
    ['sealed', { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', metadata: {} }, 'sealed-secret'],
    ['external', { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata: {} }, 'external-secret'],
  ];
  for (const [name, object, expected] of cases) test(name, () => assert.equal(encryptionOf(object), expected));
});

describe('redact', () => {
  const cases: [string, string, string[], string][] = [
    ['as it is', 'password hunter2 refused', ['hunter2'], 'password *** refused'],
    ['as base64', 'got aHVudGVyMg==', ['hunter2'], 'got ***'],
    ['in an address', 'https://u:p%40ss%2Fword@host', ['p@ss/word'], 'https://u:***@host'],
    ['in JSON', String.raw`{"a":"line\none"}`, ['line\none'], '{"a":"***"}'],
    ['a line of several', 'error at -----SECOND LINE', ['first line\n-----SECOND LINE'], 'error at ***'],
    ['the longest first', 'token abcd-efgh', ['abcd', 'abcd-efgh'], 'token ***'],
    ['half a character, which has no place in an address', 'got \ud800abcd', ['\ud800abcd'], 'got ***'],
    ['with spaces around it', 'password=hunter2!', [' hunter2\n'], 'password=***!'],
    ['short ones stay', 'a yes b', ['yes', ''], 'a yes b'],
    ['a pattern is no pattern', 'x$&y', ['x$&y'], '***'],
  ];
  for (const [name, text, secrets, expected] of cases) test(name, () => assert.equal(redact(text, secrets), expected));
});

describe('base64', () => {
  test('encodes as Node does, and back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const expected = Buffer.from(text).toString('base64');
        assert.equal(encodeBase64(text), expected);
        assert.equal(decodeBase64(expected), text);
        assert.equal(canonicalBase64(expected.replaceAll(/(.{4})/g, '$1\n')), expected.replace(/=+$/, ''));
      }),
    );
  });
  test('what is no text has none', () => {
    assert.equal(decodeBase64(Buffer.from([0xff, 0xfe]).toString('base64')), undefined);
    assert.equal(decodeBase64('not base64!'), undefined);
  });
});
