import assert from 'node:assert/strict';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { test } from 'node:test';
import { makeServerCertificate } from '../../../src/sandbox/certificate.ts';

test('the certificate is its own authority, names loopback alone, and belongs to its key', () => {
  const now = new Date('2026-01-02T03:04:05Z');
  const { certificate, key } = makeServerCertificate(now);
  const read = new X509Certificate(certificate);
  assert.equal(read.subjectAltName, 'IP Address:127.0.0.1, DNS:localhost');
  assert.equal(read.ca, true);
  assert.ok(read.verify(read.publicKey), 'signed by itself');
  assert.ok(read.checkPrivateKey(createPrivateKey(key)));
  assert.ok(new Date(read.validFrom) < now && now < new Date(read.validTo));
  assert.equal(read.checkIP('127.0.0.1'), '127.0.0.1');
  assert.equal(read.checkHost('example.com'), undefined);
  assert.notEqual(new X509Certificate(makeServerCertificate(now).certificate).serialNumber, read.serialNumber);
});
