/** Thrown by the fast reader, and caught by it, where a document uses something that it leaves to the library. */
class UnsupportedYaml extends Error {}

/** One for all: it says nothing but "not here", and a stack for each would cost more than the document. */
export const unsupportedYaml: Error = new UnsupportedYaml('left to the library');
