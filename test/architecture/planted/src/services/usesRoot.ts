import { root } from '../cli.ts';
export const usesRoot = root;
