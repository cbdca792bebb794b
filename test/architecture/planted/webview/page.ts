import { service } from '../src/services/service.ts';
export const page = service;
