import { service } from '../services/service.ts';
export const message = service;
