/**
 * Brings a cluster up for work by hand: `node test/rig/cluster/up.ts [--flux] [--argocd] [--git] [--bare]`. Prints the path of its
 * kubeconfig on stdout and stays until Ctrl-C. `--bare` leaves out controllers and nodes.
 */
import { parseArgs } from 'node:util';
import { startControlPlane } from './controlPlane.ts';

const flag = { type: 'boolean', default: false } as const;
const { values } = parseArgs({ options: { flux: flag, argocd: flag, git: flag, bare: flag } });
const started = Date.now();
const plane = await startControlPlane({
  controllers: !values.bare,
  flux: values.flux,
  argocd: values.argocd,
  gitServer: values.git,
});
process.stderr.write(`up after ${((Date.now() - started) / 1000).toFixed(1)} s, logs in ${plane.folder}/logs\n`);
process.stderr.write('contexts: admin (current), viewer, limited. Ctrl-C ends it.\n');
if (plane.git !== undefined) {
  const { url } = await plane.git.createRepository('fleet');
  process.stderr.write(`an empty repository to push to: ${url}\n`);
}
process.stdout.write(`export KUBECONFIG=${plane.kubeconfig}\n`);
// The processes do not keep this one alive; the interval does, until a signal ends it and with it the set.
setInterval(() => undefined, 2 ** 30);
