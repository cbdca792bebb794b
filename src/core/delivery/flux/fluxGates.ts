import type { Gate } from '../../report.ts';
import type { FluxGitRepository } from './fluxGitRepository.ts';
import type { FluxKustomization } from './fluxKustomization.ts';

export interface FluxGateInput {
  kustomization: FluxKustomization;
  source: FluxGitRepository | undefined;
  /** The branch that is checked out, where one is. */
  branch?: string;
  /** Kustomizations that it depends on, as they are live; one that does not exist is undefined. */
  dependencies: ReadonlyMap<string, FluxKustomization | undefined>;
}

/** What stands between a pushed commit and the cluster for a Flux Kustomization (design §2, "gate"; semantics F-1). */
export function fluxGates(input: FluxGateInput): Gate[] {
  const { kustomization, source, branch } = input;
  const name = `Kustomization ${kustomization.name}`;
  const gates: Gate[] = [];
  if (kustomization.suspended) {
    const why = kustomization.suspendReason === undefined ? '' : `: “${kustomization.suspendReason}”`;
    gates.push({
      kind: 'suspended',
      message: `${name} is suspended${why}.`,
      remedy: 'Resume it, or this will not deploy.',
    });
  }
  if (source === undefined) {
    gates.push({
      kind: 'not-fetched',
      message: `${name} has no source: ${kustomization.source.kind} ${kustomization.source.name} does not exist.`,
      remedy: 'Create the source, or correct spec.sourceRef.',
    });
  } else {
    if (source.suspended) {
      gates.push({
        kind: 'suspended',
        message: `GitRepository ${source.name} is suspended: nothing new is fetched.`,
        remedy: 'Resume it, or this will not deploy.',
      });
    }
    const followed = source.ref.commit ?? source.ref.name ?? source.ref.tag ?? source.ref.semver ?? source.ref.branch;
    const followsBranch = source.ref.branch !== undefined && followed === source.ref.branch;
    if (branch !== undefined && (!followsBranch || source.ref.branch !== branch)) {
      gates.push({
        kind: 'wrong-branch',
        message: `GitRepository ${source.name} follows ${followed ?? ''}, not the branch ${branch}.`,
        remedy: followsBranch ? `Merge into ${source.ref.branch ?? ''}.` : 'Change spec.ref of the GitRepository.',
      });
    }
    if (source.ready?.status === 'False') {
      gates.push({
        kind: 'failing',
        message: `GitRepository ${source.name} cannot fetch: ${source.ready.message}`,
        remedy: 'Mend the source; until then nothing new is applied.',
      });
    }
  }
  for (const [key, dependency] of input.dependencies) {
    const ready = dependency?.ready?.status === 'True' && dependency.generation === dependency.observedGeneration;
    if (ready) continue;
    gates.push({
      kind: 'dependency-not-ready',
      message:
        dependency === undefined
          ? `${name} depends on ${key}, which does not exist.`
          : `${name} waits for ${key}: ${dependency.ready?.message ?? 'not reported yet'}`,
      remedy: `Make ${key} ready.`,
    });
  }
  if (kustomization.ready?.status === 'False' && !gates.some((gate) => gate.kind === 'dependency-not-ready')) {
    gates.push({
      kind: 'failing',
      message: `The last reconcile of ${name} failed: ${kustomization.ready.message}`,
      remedy: 'The next reconcile may fail the same way.',
    });
  }
  return gates;
}
