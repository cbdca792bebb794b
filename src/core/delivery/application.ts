import type { Location } from '../location.ts';
import type { EngineName, EngineSync, FoundIn, Gate, Health, SourceKind } from '../report.ts';

/** One rendered source and where it goes (design §2). */
export interface Application {
  /** Unique in the repository; stable between runs. */
  id: string;
  /** For people. */
  name: string;
  engine: EngineName;
  foundIn: FoundIn;
  source: {
    kind: SourceKind;
    /** From the repository's root, which is the empty string. */
    path: string;
  };
  /** The object of the engine that delivers it, where there is one. */
  control?: { context: string; namespace: string; name: string };
  /** The context that it was chosen to be compared with, absent until one is chosen. */
  destination: { context?: string; namespace?: string };
  applied?: { revision: string; at: string };
  gates: Gate[];
  /** What its engine says of sync and health, where it does (Argo CD). */
  sync?: EngineSync;
  health?: Health;
  healthMessage?: string;
  /** Why its render cannot be repeated here, so that its objects are not compared; one sentence without a full stop. */
  notCompared?: string;
  /** The file that makes it an application: its kustomization, Chart.yaml or Flux object. */
  declared?: Location;
}
