import { type LeafQuestion, type Reach, candidatesOf, fits, twinOf } from '../../core/kustomize/candidates.ts';
import { decidedBy, plant } from '../../core/kustomize/decide.ts';
import type { Site } from '../../core/kustomize/site.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import { ProcessError } from '../../ports/processRunner.ts';

export interface DecidingLinesOptions {
  textOf(file: string): string;
  /** Builds the source with some files changed. Throws ProcessError where that cannot be built. */
  build(texts: ReadonlyMap<string, string>): Promise<readonly KubeObject[]>;
  /** Builds that may be spent; what is undecided then is answered without proof. */
  maxBuilds: number;
}

/**
 * Changing many places at once may switch a patch off (one that selects by label), and then what it patched shows. So at first only
 * a place is believed whose own value is the built one.
 */
type Acceptance = 'fitting' | 'all';

/**
 * Finds the places that decide leaves by trying them out: every candidate gets a value of its own, one build shows which of them come
 * through, and where (design §3.1: the candidate is confirmed by perturbing it). Where a build of all of them fails, halves of them
 * are built.
 */
export class DecidingLines {
  readonly #options: DecidingLinesOptions;
  readonly #decided = new Map<LeafQuestion, Site>();
  #builds = 0;

  constructor(options: DecidingLinesOptions) {
    this.#options = options;
  }

  get builds(): number {
    return this.#builds;
  }

  /** The deciding site of each question that has one among `near` sites, else among those that `far` gives for the rest. */
  async decide(
    questions: readonly LeafQuestion[],
    near: readonly Site[],
    far: (open: readonly LeafQuestion[]) => readonly Site[],
  ): Promise<ReadonlyMap<LeafQuestion, Site>> {
    const identity = questions.filter(isIdentity);
    for (const question of identity) this.#decideUnproven(question, near);
    const open = (): LeafQuestion[] =>
      questions.filter((question) => !this.#decided.has(question) && !isIdentity(question));

    await this.#round(open(), near, 'near', (site) => site.binding === 'none', 'fitting');
    await this.#round(open(), near, 'near', (site) => site.binding === 'none');
    // What ties objects and items together only now, when what it would disturb is decided already.
    // The object's own document first: a patch repeats the names of items only to find them.
    await this.#round(open(), near, 'near', (site) => site.binding === 'item' && site.document !== undefined);
    await this.#round(open(), near, 'near', (site) => site.binding !== 'identity');
    await this.#round(open(), near, 'near', (site) => site.binding === 'identity');
    const rest = open().filter(({ value }) => typeof value !== 'object' && typeof value !== 'boolean');
    if (rest.length > 0) await this.#round(rest, far(rest), 'wide', (site) => site.binding !== 'identity');
    return this.#decided;
  }

  /**
   * The same for values of a chart, which may be used for anything: whole values first, then values that are a part of the rendered
   * one, then switches, each alone, since any number of them says `true`.
   */
  async decideValues(
    questions: readonly LeafQuestion[],
    sites: readonly Site[],
  ): Promise<ReadonlyMap<LeafQuestion, Site>> {
    const open = (): LeafQuestion[] => questions.filter((question) => !this.#decided.has(question));
    const whole = new Set<Site>();
    for (const site of sites) if (questions.some((question) => fits(question, site, false))) whole.add(site);
    await this.#round(open(), sites, 'wide', (site) => site.form !== 'boolean' && whole.has(site));
    await this.#round(open(), sites, 'wide', (site) => site.form !== 'boolean' && site.span.end - site.span.start > 1);
    const switches = open().filter((question) => typeof question.value === 'boolean');
    if (switches.length > 0) {
      for (const site of sites) {
        if (site.form === 'boolean') await this.#round(open(), [site], 'wide', () => true);
      }
    }
    return this.#decided;
  }

  async #round(
    questions: readonly LeafQuestion[],
    sites: readonly Site[],
    reach: Reach,
    admits: (site: Site) => boolean,
    accepts: Acceptance = 'all',
  ): Promise<void> {
    if (questions.length === 0) return;
    const candidates = new Map<LeafQuestion, Site[]>();
    const all = new Set<Site>();
    for (const question of questions) {
      const own = candidatesOf(question, sites, reach).filter(admits);
      candidates.set(question, own);
      for (const site of own) all.add(site);
    }
    await this.#try([...all], candidates, accepts);
  }

  async #try(
    sites: readonly Site[],
    candidates: ReadonlyMap<LeafQuestion, readonly Site[]>,
    accepts: Acceptance,
  ): Promise<void> {
    if (sites.length === 0 || this.#builds >= this.#options.maxBuilds) return;
    const concerned = [...candidates].filter(
      ([question, own]) => !this.#decided.has(question) && own.some((site) => sites.includes(site)),
    );
    if (concerned.length === 0) return;
    const planting = plant(sites, (file) => this.#options.textOf(file));
    this.#builds += 1;
    let built: readonly KubeObject[];
    try {
      built = await this.#options.build(planting.texts);
    } catch (error) {
      if (!ProcessError.is(error, 'failed')) throw error;
      if (sites.length === 1) return;
      await this.#halves(sites, candidates, accepts);
      return;
    }
    for (const [question, own] of concerned) {
      const believes = (site: Site): boolean =>
        (accepts === 'all' && site.binding === 'none') || fits(question, site, site.partial ?? false);
      const site = decidedBy(question, own, planting, built, believes);
      if (site !== undefined) this.#decided.set(question, site);
    }
    // Objects that are gone were renamed or left out by one of the changes; halves of them tell which.
    const lost = concerned.some(
      ([question]) => !this.#decided.has(question) && twinOf(question.object, built) === undefined,
    );
    if (lost && sites.length > 1) await this.#halves(sites, candidates, accepts);
  }

  async #halves(
    sites: readonly Site[],
    candidates: ReadonlyMap<LeafQuestion, readonly Site[]>,
    accepts: Acceptance,
  ): Promise<void> {
    const middle = Math.ceil(sites.length / 2);
    await this.#try(sites.slice(0, middle), candidates, accepts);
    await this.#try(sites.slice(middle), candidates, accepts);
  }

  /** What says which object it is cannot be tried: with another value it is another object. The nearest to the overlay has the last word. */
  #decideUnproven(question: LeafQuestion, sites: readonly Site[]): void {
    const candidates = candidatesOf(question, sites, 'near');
    const setting = candidates.findLast((site) => site.via === 'namespace' && site.value === question.value);
    const own = question.origin && candidates.find((candidate) => candidate.document !== undefined);
    const site = setting ?? own;
    if (site !== undefined) this.#decided.set(question, site);
  }
}

function isIdentity(question: LeafQuestion): boolean {
  const [first, second] = question.path;
  if (question.path.length === 1) return first === 'apiVersion' || first === 'kind';
  return question.path.length === 2 && first === 'metadata' && (second === 'name' || second === 'namespace');
}
