import type { Controller } from '../controllerLoop.ts';
import { addresses } from './addresses.ts';
import { budgets } from './budgets.ts';
import { claims } from './claims.ts';
import { customResourceDefinitions } from './customResourceDefinitions.ts';
import { daemonSets } from './daemonSets.ts';
import { deployments } from './deployments.ts';
import { garbageCollector } from './garbageCollector.ts';
import { jobs } from './jobs.ts';
import { namespaces } from './namespaces.ts';
import { pods } from './pods.ts';
import { replicaSets } from './replicaSets.ts';
import { statefulSets } from './statefulSets.ts';

/** What an API server's own objects need: kinds that come about, namespaces and owners that go. Enough for a preview. */
export const apiControllers: readonly Controller[] = [customResourceDefinitions, namespaces, garbageCollector];

/** What runs in the sandbox: that, and what makes workloads healthy, or unhealthy when their images say so (`fateOf`). */
export const sandboxControllers: readonly Controller[] = [
  ...apiControllers,
  deployments,
  replicaSets,
  statefulSets,
  daemonSets,
  jobs,
  pods,
  claims,
  addresses,
  budgets,
];
