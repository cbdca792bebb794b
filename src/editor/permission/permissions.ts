import type { Translate } from '../../core/explain/wording.ts';
import type { Cluster } from '../../ports/cluster.ts';
import type { Prompts } from '../actions/prompts.ts';
import { type ContextRules, isProtected, standingOf } from './contextRules.ts';

export interface PermissionParts {
  prompts: Prompts;
  readonly rules: () => ContextRules;
  /** Keeps in the user's settings that a context may be changed while it points to this server. */
  readonly allow: (context: string, server: string) => Promise<void>;
  /** The context is the simulated cluster of this window. */
  readonly isSandbox: (context: string) => boolean;
  readonly isTrusted: () => boolean;
  t: Translate;
}

/** Which contexts may be changed: those that the user allowed, and the sandbox; none in Restricted Mode. */
export class Permissions {
  readonly #parts: PermissionParts;

  constructor(parts: PermissionParts) {
    this.#parts = parts;
  }

  mayChange(context: string, server: string): boolean {
    const { isTrusted, isSandbox, rules } = this.#parts;
    return isTrusted() && (isSandbox(context) || standingOf(context, server, rules()) === 'allowed');
  }

  /** Whether changes are confirmed by typing the context's name. */
  isProtected(context: string): boolean {
    return !this.#parts.isSandbox(context) && isProtected(context, this.#parts.rules());
  }

  /** Asks where the user has not allowed it yet; once, since the answer is kept. False where they decline. */
  async request({ context, server }: Pick<Cluster, 'context' | 'server'>): Promise<boolean> {
    const { prompts, rules, allow, isTrusted, t } = this.#parts;
    if (!isTrusted()) return false;
    if (this.mayChange(context, server)) return true;
    const button = t('Allow');
    const pressed = await prompts.ask({ ...permissionQuestion(context, server, rules(), t), buttons: [button] });
    if (pressed !== button) return false;
    await allow(context, server);
    return this.mayChange(context, server);
  }
}

/** What the user is asked before a context is changed for the first time. */
export function permissionQuestion(
  context: string,
  server: string,
  rules: ContextRules,
  t: Translate,
): { message: string; detail: string } {
  const moved = standingOf(context, server, rules) === 'moved';
  const lines = [
    t('Server: {0}', server),
    ...(moved
      ? [t('You allowed it when it pointed to {0}: this is another cluster.', rules.writable.get(context) ?? '')]
      : []),
    t('Nothing is changed by this. Each change shows first what it will do, and asks.'),
    t('Kept in your user settings as plumbline.writableContexts; remove it there to take it back.'),
  ];
  return { message: t('May Plumbline change {0}?', context), detail: lines.join('\n') };
}
