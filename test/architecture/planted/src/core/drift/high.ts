import { plan } from '../cluster/plan.ts';
export const high = plan;
