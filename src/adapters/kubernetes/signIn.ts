import { type JsonObject, field, fieldAt, listAt, stringAt } from '../../core/json.ts';

/**
 * What a person does to sign in again, by what the kubeconfig's user entry says, as a sentence without its full stop:
 * ``run `aws sso login` ``. Credentials themselves never get into it.
 */
export function signInAgain(context: string, user: JsonObject): string {
  const exec = field(user, 'exec');
  const command = stringAt(exec, 'command');
  if (command !== undefined) {
    const args = listAt(exec, 'args').filter((argument) => typeof argument === 'string');
    return byPlugin(context, programName(command), args, exec as JsonObject);
  }
  if (stringAt(user, 'auth-provider', 'name') !== undefined) {
    return 'sign in with your identity provider again, so that the kubeconfig gets a new refresh token';
  }
  if (field(user, 'client-certificate') !== undefined || field(user, 'client-certificate-data') !== undefined) {
    return 'get a new client certificate: the one in the kubeconfig may have expired';
  }
  if (field(user, 'token') !== undefined) return 'get a new token, as `oc login` does for OpenShift';
  return 'log in to the cluster again';
}

function byPlugin(context: string, program: string, args: readonly string[], exec: JsonObject): string {
  switch (program) {
    case 'aws':
    case 'aws-iam-authenticator': {
      const profile = awsProfile(args, exec);
      return `run \`aws sso login${profile === undefined ? '' : ` --profile ${profile}`}\``;
    }
    case 'gke-gcloud-auth-plugin':
    case 'gcloud':
      return 'run `gcloud auth login`';
    case 'kubelogin':
      // Two programs have this name; Azure's is told by its --server-id.
      return args.includes('--server-id') ? 'run `az login`' : byOidcLogin(context);
    case 'az':
      return 'run `az login`';
    case 'kubectl':
    case 'kubectl-oidc_login':
      return byOidcLogin(context);
    case 'tsh':
      return 'run `tsh login`';
    case 'doctl':
      return 'run `doctl auth init`';
    case 'oc':
      return 'run `oc login`';
    default:
      return `sign in again with ${program}`;
  }
}

function byOidcLogin(context: string): string {
  return `sign in by running \`kubectl --context ${context} auth whoami\` in a terminal`;
}

function awsProfile(args: readonly string[], exec: JsonObject): string | undefined {
  const flag = args.indexOf('--profile');
  const variable = listAt(exec, 'env').find((entry) => fieldAt(entry, 'name') === 'AWS_PROFILE');
  const profile = flag === -1 ? stringAt(variable, 'value') : args[flag + 1];
  // Only a plain name is fit to be copied into a terminal.
  return profile !== undefined && /^[\w.-]+$/.test(profile) ? profile : undefined;
}

export function programName(command: string): string {
  return command.replace(/^.*[\\/]/, '').replace(/\.(exe|cmd)$/i, '');
}
