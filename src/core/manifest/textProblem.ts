import type { Problem, ProblemCode } from '../problem.ts';
import type { Span } from '../text/span.ts';

/** Something wrong with a text, and where. The reader of a file adds the file's name to make a `Problem` of it. */
export interface TextProblem {
  code: ProblemCode;
  severity: Problem['severity'];
  /** One sentence that names the thing. */
  message: string;
  /** What to do about it, as one sentence. */
  remedy?: string;
  span: Span;
}

export function textError(code: ProblemCode, message: string, span: Span, remedy?: string): TextProblem {
  return { code, severity: 'error', message, span, ...(remedy === undefined ? {} : { remedy }) };
}
