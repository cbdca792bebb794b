import { engineName } from '../../core/explain/findings.ts';
import { english } from '../../core/explain/wording.ts';
import type { ApplicationList } from '../../core/report.ts';
import { gateLines } from './gateText.ts';
import { printProblems } from './problemText.ts';
import type { Style } from './style.ts';
import { columnsOf, pad } from './width.ts';

type Listed = ApplicationList['applications'][number];

/** Applications as a terminal shows them: one line each with what it was found from, and below it what stands in its way. */
export function printApplications(list: ApplicationList, style: Style): string {
  const { applications } = list;
  const width = Math.max(0, ...applications.map((application) => columnsOf(application.id)));
  const lines = applications.flatMap((application) => [
    `${pad(application.id, width)}  ${style.dim(wordsOf(application))}`,
    ...gateLines(application.gates, style),
  ]);
  if (applications.length === 0) lines.push('No manifests, kustomizations or charts were found here.');
  // What is not compared is said in the line of its application.
  const problems = list.problems.filter(({ code }) => code !== 'not-checked');
  return [...lines, ...printProblems(problems, style)].map((line) => `${line}\n`).join('');
}

function wordsOf(application: Listed): string {
  const { engine, source, sync, health, notCompared, applied, destination } = application;
  const id = application.id.replace(/@.*$/, '');
  return [
    engine === 'direct' ? source.kind : `${source.kind}, ${engineName(engine, english)}`,
    id === source.path ? '' : `path ${source.path}`,
    destination.context === '' ? '' : `on ${destination.context}`,
    applied === undefined ? '' : `applied ${applied.revision.slice(0, 7)}`,
    sync === undefined ? '' : `sync ${sync.status}`,
    health === undefined ? '' : `health ${health}`,
    notCompared === undefined ? '' : `not compared: ${notCompared}`,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}
