import type { Json } from '../../../src/core/json.ts';
import { nameOf } from '../../../src/core/kube/objectKey.ts';
import type { Location, PathSegment } from '../../../src/core/location.ts';
import type { ObjectReport } from '../../../src/core/report.ts';
import { isUnder } from '../../../src/core/schema/path.ts';
import type { CampaignCluster, LiveTarget } from './campaignCluster.ts';
import type { Made } from './editChooser.ts';
import { declaredAt, expectationOf, writtenPath } from './expectation.ts';

/** Counts on which lines findings are reported, against what the files themselves spell out. */
export class LineTally {
  right = 0;
  readonly wrong: string[] = [];

  get share(): number {
    return this.right / (this.right + this.wrong.length);
  }

  countDeleted(cluster: CampaignCluster, target: LiveTarget, object: ObjectReport): void {
    this.#count(cluster, target, [{ field: 'kind' }], object.location, `${target.id}: deleted`);
  }

  countEdit(cluster: CampaignCluster, { target, edit }: Made, object: ObjectReport, text: string): void {
    const { candidate, desired, node } = edit;
    const expected = expectationOf(edit);
    if (!expected.listed || expected.status === 'ignored') return;
    const path = writtenPath(desired, candidate.path);
    const [change] = object.changes;
    if (change === undefined) return;
    // What took its container along is told of the container, and stands on its line.
    const told = isUnder(path, change.segments) ? change.segments : path;
    const git = declaredAt(desired, told, node);
    this.#count(cluster, target, told, change.location, text, git, candidate.type === 'atomic');
  }

  /** An atomic value may be found at one of its items. */
  #count(
    { spelled }: CampaignCluster,
    target: LiveTarget,
    path: readonly PathSegment[],
    location: Location | undefined,
    text: string,
    value?: Json,
    isAtomic = false,
  ): void {
    const object = { kind: target.desired.kind, name: nameOf(target.desired) };
    const places = spelled.get(target.source)?.find(object, path, value);
    if (places === undefined) return;
    const { file, line = 0 } = location ?? {};
    const isRight = places.some(
      (place) => place.file === file && (place.lines.includes(line) || (isAtomic && line >= Math.min(...place.lines))),
    );
    if (isRight) this.right++;
    else this.wrong.push(`${text}\n    at ${String(file)}:${line}, not ${JSON.stringify(places)}`);
  }
}
