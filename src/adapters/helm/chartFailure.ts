import { quietMessage } from '../../core/kustomize/quietMessage.ts';
import type { Location } from '../../core/location.ts';
import type { Problem } from '../../core/problem.ts';
import { baseName, joinPath } from '../../core/repositoryPath.ts';

/** A failed `helm template` as a problem, at the template and line that Helm names. */
export function chartFailure(stderr: string, chart: string): Problem {
  const text = stderr
    .split('\n')
    .filter((line) => !/^(WARNING|level=WARN|Use --debug flag)/.test(line))
    .join(' ')
    .replace(/\s+/g, ' ')
    .replace(/^Error: /, '')
    .trim();
  const quiet = quietMessage(text);
  const message = quiet.length > 400 ? `${quiet.slice(0, 400)}…` : quiet;
  const missing = /missing in charts\/ directory: (.+)$/.exec(message)?.[1];
  if (missing !== undefined) {
    const file = joinPath(chart, 'Chart.yaml') ?? 'Chart.yaml';
    return {
      code: 'chart-not-local',
      severity: 'error',
      message: `the chart in ${chart || 'the root'} depends on ${missing}, which is not in its charts folder`,
      remedy: 'Run `helm dependency build` in the chart, and keep the packed charts in the repository.',
      location: { file, line: 1, column: 1, via: 'template' },
    };
  }
  const location = placeOf(message, chart);
  return {
    code: 'build-failed',
    severity: 'error',
    message: `helm: ${message}`,
    remedy: 'Correct what Helm names; `helm template` in a terminal says the same.',
    ...(location === undefined ? {} : { location }),
  };
}

/** `podinfo/templates/x.yaml:12:4`: the first part is the chart's name, whatever its folder is called. */
function placeOf(message: string, chart: string): Location | undefined {
  const match = /[\w.-]+\/((?:charts\/[\w.-]+\/)*templates\/[\w./-]+?)(?::(\d+))?(?::(\d+))?(?=[\s"):,]|$)/.exec(
    message,
  );
  const path = match?.[1];
  if (match === null || path === undefined) {
    const values = /cannot load (values\.yaml|Chart\.yaml)/.exec(message)?.[1];
    const file = values && joinPath(chart, values);
    return file === undefined || file === '' ? undefined : { file, line: 1, column: 1, via: 'values' };
  }
  const file = joinPath(chart, path);
  if (file === undefined) return undefined;
  const line = match[2] === undefined ? {} : { line: Number(match[2]), column: Number(match[3] ?? 0) + 1 };
  return { file, ...line, via: 'template' };
}

/** The template's file in the repository. Of a packed dependency it is the archive. */
export function templateFile(source: string, chart: string, files: readonly string[]): string | undefined {
  const inner = source.slice(source.indexOf('/') + 1);
  const file = joinPath(chart, inner);
  if (file === undefined || files.includes(file)) return file;
  const name = /^charts\/([^/]+)\//.exec(inner)?.[1];
  const packed = files.find(
    (path) => name !== undefined && baseName(path).startsWith(`${name}-`) && path.endsWith('.tgz'),
  );
  return packed ?? file;
}
