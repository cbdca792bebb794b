import { service } from '../../services/service.ts';
export const adapter: unknown = () => service;
