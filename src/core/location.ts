import type { Json } from './json.ts';

/** How a file decides a value. */
export type Via =
  | 'manifest'
  | 'patch'
  | 'image'
  | 'replica'
  | 'generator'
  | 'label'
  | 'namespace'
  | 'substitution'
  | 'values'
  | 'template';

/** A place in a file of the repository. Lines and columns count from 1; the end is exclusive. */
export interface Location {
  /** From the repository's root, with forward slashes. */
  file: string;
  line?: number;
  column?: number;
  endLine?: number;
  endColumn?: number;
  via: Via;
}

/** One step into an object: a field, a keyed list item, a set item, or a position in an atomic list. */
export type PathSegment = { field: string } | { key: Record<string, Json> } | { value: Json } | { index: number };
