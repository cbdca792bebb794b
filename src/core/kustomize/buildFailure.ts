import type { Location } from '../location.ts';
import type { Problem } from '../problem.ts';
import { redact } from '../drift/redact.ts';
import { LineIndex } from '../text/lineIndex.ts';
import { type GraphFile, type KustomizeGraph, locationOf } from './graph.ts';
import { quietMessage } from './quietMessage.ts';
import { secretTexts } from './secretTexts.ts';
import { childOf, pairOf, parseYamlTree, spanOf, stringOf } from './yamlTree.ts';

/**
 * A failed build as a problem: kustomize's own words without their wrapping, at the place that they speak of.
 */
export function buildFailure(stderr: string, graph: KustomizeGraph): Problem {
  // Before anything else is taken out, which might leave the rest of a value.
  const words = redact(ownWords(stderr), secretTexts(graph));
  const message = innermost(relative(words, graph));
  const location = placeOf(message, graph);
  return {
    code: 'build-failed',
    severity: 'error',
    message: `kustomize: ${shortened(quietMessage(message))}`,
    remedy: 'Correct what kustomize names; `kustomize build` in a terminal says the same.',
    ...(location === undefined ? {} : { location }),
  };
}

/** Takes off what the programs put around the message: `Error: `, or the log line of kubectl. */
function ownWords(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => !/^# Warning|^Warning:/.test(line));
  const text = lines.join('\n').trim();
  const quoted = /err="((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
  if (quoted !== undefined) {
    return quoted.replace(/\\(.)/g, (_all, sign: string) => (sign === 'n' ? '\n' : sign === 't' ? ' ' : sign));
  }
  const block = /err=<\n([\s\S]*?)\n >/.exec(text)?.[1];
  if (block !== undefined) return block.replace(/^\t/gm, '');
  return text.replace(/^(Error|error): /, '');
}

/** Absolute paths become those of the repository: the build may have run in a copy, and nobody needs to know where. */
function relative(message: string, graph: KustomizeGraph): string {
  const folders = new Set<string>();
  for (const { path } of graph.files) {
    for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) folders.add(at);
  }
  const known = [...folders].sort((a, b) => b.length - a.length);
  return message.replace(/(?<=^|[\s'"(])\/[^\s'":;,)]+/g, (absolute) => {
    return known.find((path) => absolute.endsWith(`/${path}`)) ?? baseOf(absolute);
  });
}

/** Of the folder that the build ran in nothing is left but a name, which says less than nothing. */
function baseOf(absolute: string): string {
  return /\/(tree|plumbline-[^/]*)$/.test(absolute) ? '.' : absolute.slice(absolute.lastIndexOf('/') + 1);
}

const wrapper =
  /^(accumulating (resources|components): )?(accumulation err=')?((accumulating|merging) resources from '([^']*)': )/;

/** kustomize wraps a message once per base; only the innermost says what is wrong. */
function innermost(message: string): string {
  let text = message.trim();
  let from: string | undefined;
  for (;;) {
    const match = wrapper.exec(text);
    if (match === null) break;
    from = match[6];
    text = text
      .slice(match[0].length)
      .replace(/'?: (must build at directory: .*|'[^']*' must resolve to a file'?: ?)$/s, '');
    text = text
      .replace(/^'[^']*' must resolve to a file'?: /, '')
      .replace(/^recursed accumulation of path '[^']*': /, '');
  }
  return from === undefined || text.includes(from) ? text : `${from}: ${text}`;
}

function shortened(message: string): string {
  const line = message.replace(/\s+/g, ' ').trim();
  return line.length > 400 ? `${line.slice(0, 400)}…` : line;
}

function placeOf(message: string, graph: KustomizeGraph): Location | undefined {
  return unknownField(message, graph) ?? unmatchedPatch(message, graph) ?? namedFile(message, graph) ?? rootOf(graph);
}

function unknownField(message: string, graph: KustomizeGraph): Location | undefined {
  const name = /unknown field "([^"]+)"/.exec(message)?.[1];
  if (name === undefined) return undefined;
  for (const file of graph.files) {
    const key = pairOf(file.kustomization?.document?.contents, name)?.key;
    const span = key && spanOf(key);
    if (span) return locationOf(file.path, new LineIndex(file.text), span);
  }
  return undefined;
}

/** `no matches for Id Deployment.v1.apps/name.ns`: the patch whose object that is. */
function unmatchedPatch(message: string, graph: KustomizeGraph): Location | undefined {
  const match = /no matches for Id ([^.\s]+)\.\S*?\/([^\s;]+)\.\[?[^.\s;]+/.exec(message);
  if (match === null) return undefined;
  const [, kind, name] = match;
  for (const file of graph.files) {
    if (file.role !== 'patch') continue;
    for (const document of parseYamlTree(file.text).documents) {
      const node = childOf(childOf(document.contents, 'metadata', document), 'name', document);
      const span = node && spanOf(node);
      const isIt = stringOf(node) === name && stringOf(childOf(document.contents, 'kind', document)) === kind;
      if (span && isIt) return locationOf(file.path, new LineIndex(file.text), span, 'patch');
    }
  }
  return undefined;
}

function namedFile(message: string, graph: KustomizeGraph): Location | undefined {
  const line = Number(/\bline (\d+)/.exec(message)?.[1] ?? 0);
  const named = (file: GraphFile): boolean =>
    graph.files.length > 0 && new RegExp(`(^|[\\s'"/])${escaped(lastPart(file.path))}($|[\\s'":;,])`).test(message);
  // The whole path says more than a bare file name, which several folders may have.
  const whole = graph.files.find((file) => message.includes(file.path));
  const bare = graph.files.filter(named);
  const file = whole ?? (bare.length === 1 ? bare[0] : undefined) ?? (line > 0 ? brokenFile(graph) : undefined);
  if (file === undefined) return undefined;
  const lines = file.text.split('\n');
  // Go's YAML counts some of its errors from 0 and some from 1; the parser that keeps places knows better where it is broken.
  const broken = parseYamlTree(file.text).issues[0];
  if (broken) return locationOf(file.path, new LineIndex(file.text), broken.span);
  return { file: file.path, line: line > 0 && line <= lines.length ? line : 1, column: 1, via: 'manifest' };
}

function brokenFile(graph: KustomizeGraph): GraphFile | undefined {
  const yaml = graph.files.filter((file) => !file.role.startsWith('generator'));
  return yaml.find((file) => parseYamlTree(file.text).issues.length > 0);
}

function rootOf(graph: KustomizeGraph): Location | undefined {
  // The kustomization that was entered first is noted last, after all that it includes.
  const root = graph.files.findLast((file) => file.role === 'kustomization');
  return root && { file: root.path, line: 1, column: 1, via: 'manifest' };
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
