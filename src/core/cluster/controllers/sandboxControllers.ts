import type { Controller } from '../controllerLoop.ts';
import { customResourceDefinitions } from './customResourceDefinitions.ts';

/** What runs in the sandbox. */
export const sandboxControllers: readonly Controller[] = [customResourceDefinitions];
