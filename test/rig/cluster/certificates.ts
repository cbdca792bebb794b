import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.ts';

/** Paths of the files that the servers are given, and the authority as clients need it. */
export interface Certificates {
  readonly caFile: string;
  readonly ca: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Signs and checks the tokens of service accounts. */
  readonly serviceAccountKeyFile: string;
}

/** Names the server answers to: clients can then verify it, which switching verification off would leave untested. */
const serverNames = 'IP:127.0.0.1,IP:10.96.0.1,DNS:localhost,DNS:kubernetes.default.svc';

/** Makes an authority, one server certificate for all servers of a set, and a key for service accounts, by openssl. */
export async function makeCertificates(setFolder: string): Promise<Certificates> {
  const folder = join(setFolder, 'pki');
  await mkdir(folder, { mode: 0o700 });
  const openssl = (...args: string[]): Promise<string> => runCommand('openssl', args, { cwd: folder });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'];
  await openssl('req', '-x509', ...curve, '-subj', '/CN=plumbline-rig-ca', '-keyout', 'ca.key', '-out', 'ca.crt');
  await openssl(
    ...['req', '-x509', ...curve, '-subj', '/CN=plumbline-rig', '-keyout', 'server.key', '-out', 'server.crt'],
    ...['-CA', 'ca.crt', '-CAkey', 'ca.key', '-addext', `subjectAltName=${serverNames}`],
    ...['-addext', 'basicConstraints=critical,CA:FALSE', '-addext', 'extendedKeyUsage=serverAuth'],
  );
  await openssl('genrsa', '-out', 'sa.key', '2048');
  const caFile = join(folder, 'ca.crt');
  return {
    caFile,
    ca: await readFile(caFile, 'utf8'),
    certificateFile: join(folder, 'server.crt'),
    keyFile: join(folder, 'server.key'),
    serviceAccountKeyFile: join(folder, 'sa.key'),
  };
}
