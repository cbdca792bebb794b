import { KubeConfig } from '@kubernetes/client-node';
export const eager = KubeConfig;
