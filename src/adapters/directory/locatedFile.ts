import { resolveSegments } from '../../core/kustomize/declaredPlace.ts';
import { valueAtPath } from '../../core/kustomize/leaves.ts';
import type { Location, PathSegment } from '../../core/location.ts';
import { ManifestPositions } from '../../core/manifest/locate.ts';
import { LineIndex } from '../../core/text/lineIndex.ts';
import type { Span } from '../../core/text/span.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import type { RenderedObject } from '../../ports/renderer.ts';

/** A manifest file that places are looked up in; parsed once. */
export class LocatedFile {
  readonly #file: string;
  readonly #text: string;
  readonly #positions: ManifestPositions;
  readonly #lines: LineIndex;

  private constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
    this.#positions = new ManifestPositions(text, 'raw');
    this.#lines = new LineIndex(text);
  }

  static async read(tree: FileTree, file: string): Promise<LocatedFile | undefined> {
    const bytes = await tree.read(file);
    return bytes && new LocatedFile(file, new TextDecoder().decode(bytes));
  }

  /** Where the object stands: at its kind. */
  objectPlace(object: RenderedObject): Location | undefined {
    const place = this.#place(object, [{ field: 'kind' }]);
    return (
      place && this.#location({ start: (place.key ?? place.deepest).start, end: (place.value ?? place.deepest).end })
    );
  }

  /** The value of a scalar; of a map or list its key, or half the file would be underlined; else what is nearest above. */
  fieldPlace(object: RenderedObject, segments: readonly PathSegment[]): Location | undefined {
    const place = this.#place(object, segments);
    if (place === undefined) return undefined;
    if (place.depth === 0) return this.objectPlace(object);
    const { path, complete } = resolveSegments(object.object, segments);
    const value = complete ? valueAtPath(object.object, path) : undefined;
    const isScalar = complete && (typeof value !== 'object' || value === null || Object.keys(value).length === 0);
    return this.#location(isScalar && place.value !== undefined ? place.value : place.deepest);
  }

  #place(object: RenderedObject, segments: readonly PathSegment[]): ReturnType<ManifestPositions['locate']> {
    const { documentIndex = 0, itemIndex } = object;
    return this.#positions.locate(documentIndex, segments, itemIndex === undefined ? {} : { itemIndex });
  }

  #location(span: Span): Location {
    const written = this.#text.slice(span.start, span.end).trimEnd().length;
    const start = this.#lines.positionAt(span.start);
    const end = this.#lines.positionAt(span.start + written);
    return {
      file: this.#file,
      line: start.line,
      column: start.column,
      endLine: end.line,
      endColumn: end.column,
      via: 'manifest',
    };
  }
}
