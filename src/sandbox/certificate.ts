import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { bits, boolean, element, integer, objectIdentifier, octets, sequence, set, text, utcTime } from './der.ts';

export interface ServerCertificate {
  /** PEM; clients take it as their certificate authority. */
  certificate: string;
  /** PEM; never leaves the process. */
  key: string;
}

const commonName = objectIdentifier('2.5.4.3');
const ecdsaWithSha256 = objectIdentifier('1.2.840.10045.4.3.2');
const dayInMilliseconds = 86_400_000;

/**
 * A self-signed certificate (RFC 5280) for a server on 127.0.0.1 and localhost. The kubeconfig carries it, since client-go sends no
 * token from a kubeconfig to a server without TLS.
 */
export function makeServerCertificate(now: Date): ServerCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(set(sequence(commonName, text('Plumbline sandbox'))));
  const serial = randomBytes(16);
  serial[0] = (serial[0] ?? 0) & 0x7f || 1;
  const algorithm = sequence(ecdsaWithSha256);
  const body = sequence(
    element(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    name,
    sequence(
      utcTime(new Date(now.getTime() - dayInMilliseconds)),
      utcTime(new Date(now.getTime() + 3650 * dayInMilliseconds)),
    ),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(...extensions())),
  );
  const signature = sign('sha256', body, privateKey);
  const certificate = sequence(body, algorithm, bits(signature));
  return {
    certificate: pem('CERTIFICATE', certificate),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function extensions(): Buffer[] {
  const alternativeNames = sequence(
    element(0x87, Buffer.from([127, 0, 0, 1])),
    element(0x82, Buffer.from('localhost', 'ascii')),
  );
  return [
    extension('2.5.29.19', sequence(boolean(true)), true),
    // digitalSignature and keyCertSign
    extension('2.5.29.15', bits(Buffer.from([0x84]), 2), true),
    extension('2.5.29.37', sequence(objectIdentifier('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.17', alternativeNames),
  ];
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(objectIdentifier(id), ...(critical ? [boolean(true)] : []), octets(value));
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
