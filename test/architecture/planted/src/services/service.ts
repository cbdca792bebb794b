import { adapter } from '../adapters/git/adapter.ts';
export const service = adapter;
