const hints: Record<string, string> = {
  git: 'Install Git (https://git-scm.com/downloads) and make sure that it is on PATH.',
  kustomize:
    'Install kustomize (https://kubectl.docs.kubernetes.io/installation/kustomize/) or kubectl, which carries it, or set the path of the program.',
  kubectl: 'Install kubectl (https://kubernetes.io/docs/tasks/tools/) or set the path of the program.',
  helm: 'Install Helm (https://helm.sh/docs/intro/install/) or set the path of the program.',
  flux: 'Install the Flux CLI (https://fluxcd.io/flux/installation/) or set the path of the program.',
};

/** What to do about a program that was not found, as one sentence. `command` is a name or a path. */
export function installHint(command: string): string {
  const name = command.replace(/^.*[\\/]/, '').replace(/\.exe$/i, '');
  const hint = Object.hasOwn(hints, name) ? hints[name] : undefined;
  return hint ?? `Install ${name} and make sure that it is on PATH, or set the path of the program.`;
}
