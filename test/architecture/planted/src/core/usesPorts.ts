import type { Port } from '../ports/port.ts';
export type UsesPorts = Port;
