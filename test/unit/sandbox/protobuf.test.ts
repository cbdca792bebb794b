import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StatusError } from '../../../src/core/cluster/statusError.ts';
import { goStructOf } from '../../../src/sandbox/builtInTable.ts';
import { readProtobuf } from '../../../src/sandbox/protobuf.ts';

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** A field with a length: text, bytes or what lies in it. */
function part(number: number, ...content: (string | Buffer)[]): Buffer {
  const bytes = Buffer.concat(content.map((one) => Buffer.from(one)));
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

function count(number: number, value: number): Buffer {
  return Buffer.concat([varint(number << 3), varint(value)]);
}

function envelope(apiVersion: string, kind: string, object: Buffer): Buffer {
  return Buffer.concat([Buffer.from('k8s\0'), part(1, part(1, apiVersion), part(2, kind)), part(2, object)]);
}

describe('protobuf bodies', () => {
  test('texts, maps, bytes, lists and numbers', () => {
    const metadata = part(
      1,
      part(1, 'settings'),
      part(11, part(1, 'app'), part(2, 'web')),
      part(14, 'a/b'),
      part(14, 'c/d'),
    );
    const data = part(2, part(1, 'key'), part(2, 'välue'));
    const binary = part(3, part(1, 'bytes'), part(2, Buffer.from([0, 255])));
    assert.deepEqual(
      readProtobuf(envelope('v1', 'ConfigMap', Buffer.concat([metadata, data, binary, count(4, 1)])), goStructOf),
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'settings', labels: { app: 'web' }, finalizers: ['a/b', 'c/d'] },
        data: { key: 'välue' },
        binaryData: { bytes: 'AP8=' },
        immutable: true,
      },
    );
  });

  test('inlined structs, quantities, int-or-string and times stand as JSON has them', () => {
    const volume = part(1, part(1, 'cache'), part(2, part(2, part(2, part(1, '1Gi')))));
    const probe = part(10, part(1, part(2, part(2, count(1, 1), part(3, 'http')))));
    const limits = part(8, part(1, part(1, 'cpu'), part(2, part(1, '500m'))));
    const container = part(2, part(1, 'web'), limits, probe);
    const metadata = part(1, part(1, 'p'), part(8, count(1, 1_767_323_045)));
    const pod = readProtobuf(envelope('v1', 'Pod', Buffer.concat([metadata, part(2, volume, container)])), goStructOf);
    assert.deepEqual(pod, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', creationTimestamp: '2026-01-02T03:04:05Z' },
      spec: {
        volumes: [{ name: 'cache', emptyDir: { sizeLimit: '1Gi' } }],
        containers: [
          { name: 'web', resources: { limits: { cpu: '500m' } }, livenessProbe: { httpGet: { port: 'http' } } },
        ],
      },
    });
  });

  test('numbers below zero, and options of a delete', () => {
    const negative = Buffer.concat([
      varint(1 << 3),
      Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
    ]);
    const options = Buffer.concat([negative, part(4, 'Background'), part(5, 'All')]);
    assert.deepEqual(readProtobuf(envelope('v1', 'DeleteOptions', options), goStructOf), {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      gracePeriodSeconds: -1,
      propagationPolicy: 'Background',
      dryRun: ['All'],
    });
  });

  test('what is cut short, of another kind, or none at all is refused', () => {
    const whole = envelope('v1', 'ConfigMap', part(1, part(1, 'settings')));
    const refused = (error: unknown): boolean => StatusError.is(error, 'BadRequest');
    for (let length = 5; length < whole.length; length += 3) {
      assert.throws(() => readProtobuf(whole.subarray(0, length), goStructOf), refused, `${length} bytes`);
    }
    assert.throws(() => readProtobuf(envelope('example.com/v1', 'Widget', Buffer.alloc(0)), goStructOf), refused);
    assert.throws(() => readProtobuf(Buffer.from('{"kind":"Pod"}'), goStructOf), refused);
  });
});
