import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { signInAgain } from '../../../../src/adapters/kubernetes/signIn.ts';
import type { JsonObject } from '../../../../src/core/json.ts';

/** What the user entry of the kubeconfig is, and what a person does to sign in again. */
const remedies: [JsonObject, string][] = [
  [{ exec: { command: 'aws', args: ['eks', 'get-token'] } }, 'run `aws sso login`'],
  [{ exec: { command: '/usr/bin/aws', args: ['--profile', 'shop'] } }, 'run `aws sso login --profile shop`'],
  [{ exec: { command: 'aws', env: [{ name: 'AWS_PROFILE', value: 'shop' }] } }, 'run `aws sso login --profile shop`'],
  [{ exec: { command: 'aws', args: ['--profile', '$(reboot)'] } }, 'run `aws sso login`'],
  [{ exec: { command: 'gke-gcloud-auth-plugin' } }, 'run `gcloud auth login`'],
  [{ exec: { command: 'C:\\bin\\kubelogin.exe', args: ['get-token', '--server-id', 'x'] } }, 'run `az login`'],
  [
    { exec: { command: 'kubectl', args: ['oidc-login', 'get-token'] } },
    'sign in by running `kubectl --context prod auth whoami` in a terminal',
  ],
  [{ exec: { command: 'tsh' } }, 'run `tsh login`'],
  [{ exec: { command: 'corp-login' } }, 'sign in again with corp-login'],
  [
    { 'auth-provider': { name: 'oidc' } },
    'sign in with your identity provider again, so that the kubeconfig gets a new refresh token',
  ],
  [{ 'client-certificate-data': 'x' }, 'get a new client certificate: the one in the kubeconfig may have expired'],
  [{ token: 'x' }, 'get a new token, as `oc login` does for OpenShift'],
  [{}, 'log in to the cluster again'],
];

describe('how to sign in again', () => {
  for (const [user, expected] of remedies) {
    test(JSON.stringify(user), () => {
      assert.equal(signInAgain('prod', user), expected);
    });
  }
});
