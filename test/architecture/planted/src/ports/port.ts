import { service } from '../services/service.ts';
export type Port = typeof service;
