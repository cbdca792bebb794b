import type { Json } from '../json.ts';
import type { Via } from '../location.ts';
import type { Span } from '../text/span.ts';
import type { YamlPath } from './yamlTree.ts';

/** A place in a file that may decide a value of a rendered object. */
export interface Site {
  file: string;
  /** What stands there, and is replaced to see what it decides. */
  span: Span;
  value: Json;
  /** Field names that lead to the value in an object, positions in lists left out. */
  fields: readonly string[];
  /** `fields` begins at the top of an object; else it is only the end of the way. */
  anchored: boolean;
  via: Via;
  /** How another value is written there. */
  form: 'yaml' | 'text' | 'integer' | 'boolean';
  /** Changing it changes which objects or items belong together, so it is never changed along with others. */
  binding: 'none' | 'identity' | 'item';
  /** The object's document that the site belongs to; sites of patches, settings and generators have none. */
  document?: DocumentId;
  /** Way from the top of the document, with positions. */
  path?: YamlPath;
  /** The place of the map or list so many steps above, where it is in the same document. */
  above?: (steps: number) => Span | undefined;
  /** The value is part of a longer one, such as the tag of an image. */
  partial?: true;
}

/** An object as a file declares it, before anything is done to it. */
export interface DocumentId {
  file: string;
  index: number;
  /** For `kind: List`. */
  item?: number;
  group: string;
  kind: string;
  name: string;
  namespace: string;
}
