import { ClusterError } from '../../ports/clusterError.ts';

/** Thrown inside when a time limit of ours ran out; its text completes "… did not answer: ". */
export class TimeLimit extends Error {}

const causes: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was closed',
  EPIPE: 'the connection was closed',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'no answer in time',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up',
  CERT_HAS_EXPIRED: 'its certificate expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by an authority that the kubeconfig does not name',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an authority that the kubeconfig does not name',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by an authority that the kubeconfig does not name',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate is signed by an authority that the kubeconfig does not name',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by an authority that the kubeconfig does not name',
};

const remedies: Record<string, string> = {
  ENOTFOUND: 'Check the server of the kubeconfig, and whether a VPN is needed.',
  EAI_AGAIN: 'Check the network, and whether a VPN is needed.',
  EHOSTUNREACH: 'Check the network, and whether a VPN is needed.',
  ENETUNREACH: 'Check the network, and whether a VPN is needed.',
  ETIMEDOUT: 'Check the network, and whether a VPN or a proxy is needed.',
  ECONNREFUSED: 'Check whether the cluster runs.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'Set tls-server-name in the kubeconfig to a name of the certificate.',
};

/** The error for a server that gave no answer: names the context, the server and the cause. */
export function unreachable(context: string, server: string, error: unknown, proxy?: string): ClusterError {
  const code = codeOf(error);
  const authority = /CERT|SELF_SIGNED|VERIFY|OSSL/.test(code);
  const way = proxy === undefined ? '' : ` through the proxy ${withoutPassword(proxy)}`;
  const cause = error instanceof TimeLimit ? error.message : (causes[code] ?? plain(error, code));
  const remedy =
    remedies[code] ??
    (error instanceof TimeLimit ? remedies['ETIMEDOUT'] : undefined) ??
    (authority ? 'Log in to the cluster again, so that the kubeconfig gets its current certificates.' : undefined);
  return new ClusterError('unreachable', `${context} (${server}) did not answer${way}: ${cause}.`, {
    ...(remedy === undefined ? {} : { remedy }),
    cause: error,
  });
}

/** Several addresses were tried (IPv6, then IPv4): the first tells as much as all. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

function plain(error: unknown, code: string): string {
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return 'it does not speak TLS there';
  if (code.startsWith('ERR_OSSL')) return 'a certificate or key of the kubeconfig cannot be read';
  if (code.startsWith('HPE_')) return 'it does not speak HTTP there';
  const message = error instanceof Error ? error.message : '';
  const refused = /^Bad response: (\d+)$/.exec(message);
  if (refused !== null) return `the proxy answered ${refused[1] ?? ''}`;
  return message === '' ? code : (message.split('\n')[0]?.slice(0, 200).replace(/\.$/, '') ?? code);
}

function withoutPassword(url: string): string {
  try {
    const parsed = new URL(url);
    return parsed.username === '' ? url : `${parsed.protocol}//${parsed.host}`;
  } catch {
    return 'of the kubeconfig';
  }
}
