import { apiVersionOf } from '../kube/objectKey.ts';
import type { ServedKind } from './servedKind.ts';

/** The kinds that the simulated cluster serves: built-in ones for good, custom ones as CustomResourceDefinitions come and go. */
export class Catalog {
  readonly #builtIn: readonly ServedKind[];
  readonly #custom = new Map<string, readonly ServedKind[]>();
  #byResource = new Map<string, ServedKind>();
  #byKind = new Map<string, ServedKind>();
  #all: readonly ServedKind[] = [];
  /** Grows with each change, so that discovery can be cached by it. */
  #generation = 0;

  constructor(builtIn: readonly ServedKind[]) {
    this.#builtIn = builtIn;
    this.#index();
  }

  get kinds(): readonly ServedKind[] {
    return this.#all;
  }

  get generation(): number {
    return this.#generation;
  }

  byResource(group: string, version: string, resource: string): ServedKind | undefined {
    return this.#byResource.get(`${group}/${version}/${resource}`);
  }

  byKind(group: string, version: string, kind: string): ServedKind | undefined {
    return this.#byKind.get(`${group}/${version}/${kind}`);
  }

  /** The preferred version of a kind. */
  anyVersion(group: string, kind: string): ServedKind | undefined {
    return this.#all.find((served) => served.group === group && served.kind === kind);
  }

  preferred(group: string, resource: string): ServedKind | undefined {
    return this.#all.find((served) => served.group === group && served.resource === resource);
  }

  servesVersion(apiVersion: string): boolean {
    return this.#all.some((served) => apiVersionOf(served) === apiVersion);
  }

  /** Serves these kinds in place of those that the CustomResourceDefinition declared before; none takes them out. */
  setCustom(crd: string, kinds: readonly ServedKind[]): void {
    if (kinds.length === 0) this.#custom.delete(crd);
    else this.#custom.set(crd, kinds);
    this.#index();
  }

  #index(): void {
    this.#generation += 1;
    this.#all = [...this.#builtIn, ...[...this.#custom.values()].flat()];
    this.#byResource = new Map(this.#all.map((kind) => [`${apiPath(kind)}/${kind.resource}`, kind]));
    this.#byKind = new Map(this.#all.map((kind) => [`${apiPath(kind)}/${kind.kind}`, kind]));
  }
}

function apiPath(kind: ServedKind): string {
  return `${kind.group}/${kind.version}`;
}
