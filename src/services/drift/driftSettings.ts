import type { Json } from '../../core/json.ts';
import type { SecretsMode } from './compareTargets.ts';

/** Read anew whenever it counts, so that a changed setting needs no restart. */
export interface DriftSettings {
  secrets: SecretsMode;
  skipKinds: ReadonlySet<string>;
  /** The setting `plumbline.ignore`, as it is written. */
  ignore?: Json;
  /** Ids of applications to compare; empty for all that are unambiguous. */
  applications: ReadonlySet<string>;
  namespace?: string;
}
