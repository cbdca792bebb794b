import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { runCommand } from './command.ts';
import { readTree } from './gitFetch.ts';
import { VisitFailed, type GitRepositoryObject, type HelmChartObject, type Visit } from './sourceObjects.ts';
import { cloneFolder } from './visitGitRepository.ts';

interface ChartFile {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: readonly { readonly repository?: string }[];
}

async function writeSource(
  source: GitRepositoryObject,
  root: string,
  to: string,
  signal: AbortSignal,
): Promise<string> {
  const { metadata, spec, status } = source;
  const sha = status?.artifact?.revision.split(':').at(-1) ?? '';
  const clone = cloneFolder(root, metadata.namespace, metadata.name);
  for (const { path, data } of await readTree(clone, sha, spec.ignore, signal)) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await writeFile(join(to, path), data);
  }
  return sha;
}

/**
 * Packs the chart from the source's commit. Under strategy `ChartVersion` a new commit with an unchanged version gives no new
 * artifact, as with source-controller; a chart is never packed twice for one revision, as that would give other bytes.
 * `helm` is run with `environment`.
 */
export async function visitHelmChart(
  object: HelmChartObject,
  source: GitRepositoryObject | undefined,
  root: string,
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Visit> {
  const { spec, status } = object;
  const { kind, name } = spec.sourceRef;
  if (kind !== 'GitRepository') {
    throw new VisitFailed('UnsupportedSource', `sources of kind ${kind} are not covered by this stand-in`);
  }
  if (spec.valuesFiles !== undefined && spec.valuesFiles.length > 0) {
    throw new VisitFailed('ValuesFilesError', 'spec.valuesFiles is not covered by this stand-in');
  }
  const sourceRevision = source?.status?.artifact?.revision;
  if (source === undefined || sourceRevision === undefined) {
    throw new VisitFailed('NoSourceArtifact', `no artifact available for GitRepository source '${name}'`);
  }
  const work = await mkdtemp(join(root, 'chart-'));
  try {
    const sha = await writeSource(source, root, work, signal);
    const folder = join(work, spec.chart);
    const chart = parse(await readFile(join(folder, 'Chart.yaml'), 'utf8')) as ChartFile;
    const suffix = spec.reconcileStrategy === 'Revision' ? `+${sha.slice(0, 12)}` : '';
    const version = chart.version + suffix;
    const ready = {
      reason: 'ChartPackageSucceeded',
      message: `packaged '${chart.name}' chart with version '${version}'`,
    };
    const extra = { observedChartName: chart.name, observedSourceArtifactRevision: sourceRevision };
    if (status?.artifact?.revision === version) return { artifact: status.artifact, ready, status: extra };
    // Charts beside this one are packed into it; those of other repositories have to be committed under charts/.
    const local = chart.dependencies?.some(({ repository }) => repository?.startsWith('file://') ?? false) ?? false;
    const args = ['package', folder, '--destination', work, '--version', version, ...(local ? ['-u'] : [])];
    await runCommand('helm', args, { environment, signal });
    const file = `${chart.name}-${version}.tgz`;
    return { artifact: { file, revision: version, data: await readFile(join(work, file)) }, ready, status: extra };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new VisitFailed('ChartPackageError', message, error);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
