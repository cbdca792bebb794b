const overview = `plumbline compares what Git declares with what a cluster holds.

usage: plumbline COMMAND [DIR] [options]

  apps     [DIR]   applications found, and from what
  drift    [DIR]   live against Git
  preview  [DIR]   what a reconcile of the working tree, of a revision or of each commit would do
  sync     [DIR]   apply what Git declares, or ask the engine to
  rollback [DIR]   one commit that restores an application's sources, pushed and synced
  history  [DIR]   revisions applied, when, by whom, outcome
  sandbox          the embedded cluster; prints its kubeconfig's path
  doctor           what is installed, reachable, allowed; what to do about the rest
  help     COMMAND the options of a command
  version

exit: 0 nothing to report, 1 findings, 2 no finding but not everything could be checked, 3 an action failed, 64 wrong usage
`;

const common = `  --app ID          only this application (repeatable)
  --context NAME    compare with this context of the kubeconfig (repeatable)
  --kubeconfig FILE instead of KUBECONFIG and ~/.kube/config
  --namespace NS    for objects without one
  --output FORMAT   text (default) or json
  --quiet           nothing on stderr
  --no-color        also by NO_COLOR, and where the output is piped
`;

const topics: Record<string, string> = {
  apps: `usage: plumbline apps [DIR] [options]

Lists the applications below DIR (default: the current folder): what Flux and Argo CD deliver from this repository, kustomizations that no other
builds on, charts, folders of manifests. Without --context files alone are read and no cluster is contacted; with it, the live objects of its
Flux and Argo CD count, with what is applied and what stands in the way. Nothing is rendered.

${common}`,
  drift: `usage: plumbline drift [DIR] --context NAME [options]

Compares the applications below DIR with the cluster of a context, field by field, and names manager, time and the line that decides.

${common}  --desired REV     render this revision instead of the working tree (worktree)
  --skip KIND       leave a kind out (repeatable)
  --fail-on LIST    statuses that make the exit code 1 (default drifted,conflict,missing,extra), or none
`,
  preview: `usage: plumbline preview [DIR] --context NAME [options]

Says what a reconcile would do to the cluster: by the API server's dry run where it can say, by Plumbline's own merge otherwise.

${common}  --to REV          of this revision instead of the working tree
  --commits         one plan per commit between what is applied and HEAD (Flux)
  --prune           as a sync with --prune would (direct)
  --predicted       add the predicted objects to JSON, Secret values masked
  --skip KIND       leave a kind out (repeatable)
  --fail-on LIST    actions that make the exit code 1 (default blocked), or none
`,
  sync: `usage: plumbline sync [DIR] --context NAME (--app ID | --all) --yes [options]

Applies an application (direct: server-side apply under an ApplySet), or asks Flux to fetch and apply now. Without --yes it shows the plan and
changes nothing.

${common}  --all             every application found
  --yes             really do it
  --prune           delete what the inventory owns and Git does not declare any more (direct; Flux does as its Kustomization says)
  --wait            until everything is healthy
  --timeout SECONDS for waiting (default 300)
`,
  rollback: `usage: plumbline rollback [DIR] --context NAME --app ID --to REV --yes [options]

Goes back in Git first: one commit restores the application's own sources as of REV, is pushed, and synced. Without --yes it shows what would be
restored and the plan, and changes nothing.

${common}  --to REV          revision to go back to
  --yes             really do it
  --no-push         commit, and stop there
  --branch NAME     commit on a new branch and push that, for a pull request; nothing is synced
  --message TEXT    instead of the usual commit message
  --shared          also when other applications read the same files
  --prune           as for sync
  --timeout SECONDS for waiting (default 300)
`,
  history: `usage: plumbline history [DIR] --context NAME [options]

Lists the revisions that were applied, newest first: Flux keeps the last five, Argo CD ten unless told otherwise, a direct apply the last one alone.

${common}`,
  sandbox: `usage: plumbline sandbox [--port N] [--data DIR] [--reset]

Starts a simulated cluster on loopback and prints the path of its kubeconfig. It runs until Ctrl-C and keeps its state in DIR.

  --port N          instead of a free one
  --data DIR        instead of the user's data folder
  --reset           begin with an empty cluster
`,
  doctor: `usage: plumbline doctor [--context NAME] [options]

Says what is installed, reachable and allowed. Only the named contexts are contacted.

${common}`,
};

export function helpText(topic: string | undefined): string {
  return (topic === undefined ? undefined : topics[topic]) ?? overview;
}
