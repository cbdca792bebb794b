import { readFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { type Json, type JsonObject, field, stringAt } from '../../core/json.ts';
import { parseJson } from '../../core/jsonText.ts';
import { exchange } from './httpExchange.ts';

/** An OpenID token, and until when it counts, in milliseconds since 1970. */
export interface OpenIdToken {
  token: string;
  expires: number;
  /** The one to renew it with; providers may give another each time. */
  refreshToken: string | undefined;
}

/** Says what is wrong in words that complete "the sign-in could not be renewed: ". */
export class OpenIdRefusal extends Error {}

const timeMilliseconds = 15_000;

/**
 * The token of auth-provider `oidc`: the kubeconfig's as long as it lasts, else one that its refresh token brings (OpenID Connect
 * Core §12, OpenID Connect Discovery §4). Ours, because client-node 2.0.1 cannot renew: it hands openid-client 6 an issuer and,
 * with a CA of the provider's own, answers of the wrong type, and takes seconds to live for a time of expiry.
 * @throws {OpenIdRefusal} and what sockets throw
 */
export async function openIdToken(settings: JsonObject, refreshToken?: string): Promise<OpenIdToken> {
  const renewal = refreshToken ?? stringAt(settings, 'refresh-token');
  const current = stringAt(settings, 'id-token') ?? '';
  const expires = expiryOf(current);
  if (refreshToken === undefined && expires > Date.now()) return { token: current, expires, refreshToken: renewal };

  const issuer = stringAt(settings, 'idp-issuer-url') ?? '';
  const clientId = stringAt(settings, 'client-id') ?? '';
  if (renewal === undefined || renewal === '' || issuer === '' || clientId === '') {
    throw new OpenIdRefusal('its token ran out, and the kubeconfig has no refresh token');
  }
  const agent = new Agent(await authorityOf(settings));
  try {
    const discovery = `${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`;
    const endpoint = stringAt((await send(agent, discovery)).document, 'token_endpoint') ?? '';
    const form = { grant_type: 'refresh_token', refresh_token: renewal };
    const renewed = await redeem(agent, endpoint, form, clientId, stringAt(settings, 'client-secret') ?? '');
    const token = stringAt(renewed, 'id_token') ?? '';
    const until = expiryOf(token);
    if (until <= Date.now()) throw new OpenIdRefusal('the identity provider gave no token that lasts');
    return { token, expires: until, refreshToken: stringAt(renewed, 'refresh_token') ?? renewal };
  } finally {
    agent.destroy();
  }
}

/** The secret goes into the header first; providers that refuse that want it in the form (RFC 6749 §2.3.1). */
async function redeem(
  agent: Agent,
  endpoint: string,
  form: Record<string, string>,
  clientId: string,
  secret: string,
): Promise<Json> {
  const inForm = { ...form, client_id: clientId };
  if (secret === '') return accepted(await send(agent, endpoint, inForm));
  const credentials = `${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`;
  const first = await send(agent, endpoint, form, `Basic ${Buffer.from(credentials).toString('base64')}`);
  if (first.status !== 400 && first.status !== 401) return accepted(first);
  // A spent refresh token is refused in either form; asking twice tells nothing new.
  if (stringAt(first.document, 'error') === 'invalid_grant') return accepted(first);
  return accepted(await send(agent, endpoint, { ...inForm, client_secret: secret }));
}

interface Answer {
  status: number;
  document: Json;
}

function accepted({ status, document }: Answer): Json {
  if (status === 200) return document;
  // The code of RFC 6749 §5.2 and nothing else: the rest of an answer may hold tokens.
  const code = stringAt(document, 'error') ?? '';
  throw new OpenIdRefusal(`the identity provider answered ${status}${/^[a-z_]{1,40}$/.test(code) ? ` (${code})` : ''}`);
}

async function send(
  agent: Agent,
  address: string,
  form?: Record<string, string>,
  authorization?: string,
): Promise<Answer> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'https:') throw new OpenIdRefusal('the identity provider has no https address');
  const answer = await exchange({
    ...{ url, agent, signal: undefined, silentBody: false },
    method: form === undefined ? 'GET' : 'POST',
    headers: {
      Accept: 'application/json',
      ...(form === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }),
      ...(authorization === undefined ? {} : { Authorization: authorization }),
    },
    body: form === undefined ? undefined : new URLSearchParams(form).toString(),
    connectMilliseconds: timeMilliseconds,
    silenceMilliseconds: timeMilliseconds,
  });
  const chunks: Buffer[] = [];
  for await (const chunk of answer.body as AsyncIterable<Buffer>) chunks.push(chunk);
  try {
    return { status: answer.status, document: parseJson(Buffer.concat(chunks).toString('utf8')) };
  } catch {
    return { status: answer.status, document: null };
  }
}

async function authorityOf(settings: JsonObject): Promise<{ ca?: string | Buffer }> {
  const data = stringAt(settings, 'idp-certificate-authority-data');
  if (data !== undefined && data !== '') return { ca: Buffer.from(data, 'base64') };
  const file = stringAt(settings, 'idp-certificate-authority');
  return file === undefined || file === '' ? {} : { ca: await readFile(file) };
}

/** Milliseconds since 1970, 0 for what is no token. Not verified: that is the API server's to do. */
function expiryOf(token: string): number {
  try {
    const claims = parseJson(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const seconds = field(claims, 'exp');
    return typeof seconds === 'number' ? seconds * 1000 : 0;
  } catch {
    return 0;
  }
}
