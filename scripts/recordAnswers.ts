import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Json } from '../src/core/json.ts';
import { parseJson } from '../src/core/jsonText.ts';
import { groupVersionKindOf, nameOf } from '../src/core/kube/objectKey.ts';
import { readManifests } from '../src/core/manifest/readManifests.ts';
import { sandboxKinds } from '../src/sandbox/builtInTable.ts';
import { withoutChance } from '../test/unit/core/cluster/withoutChance.ts';

/**
 * Records what a real API server answers to the cases of the simulated cluster's tests: `node scripts/recordAnswers.ts --kubeconfig
 * FILE`. Nothing is stored there: each case is a dry run of a create or of an apply. The manager is `test`.
 */
const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'test', 'unit', 'core', 'cluster', 'golden');
const { values } = parseArgs({
  options: { kubeconfig: { type: 'string' }, kubectl: { type: 'string', default: 'kubectl' } },
});
if (values.kubeconfig === undefined) throw new Error('Say which cluster answers: --kubeconfig FILE');

function kubectl(...args: string[]): string {
  const run = spawnSync(values.kubectl, ['--kubeconfig', values.kubeconfig ?? '', ...args], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  return run.stdout;
}

const server = kubectl('config', 'view', '--minify', '-o', 'jsonpath={.clusters[0].cluster.server}');
const token = kubectl('config', 'view', '--minify', '--raw', '-o', 'jsonpath={.users[0].user.token}');
// The recorder talks to a cluster of its user's own on loopback, whose certificate fetch cannot be told.
process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';

async function ask(method: string, path: string, contentType: string, body: Json): Promise<Json> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': contentType };
  const response = await fetch(server + path, { method, headers, body: JSON.stringify(body) });
  return parseJson(await response.text());
}

const answers: string[] = [];
for (const { object } of readManifests(readFileSync(join(folder, 'cases.yaml'), 'utf8'), { profile: 'raw' })
  .documents) {
  const { group, version, kind } = groupVersionKindOf(object);
  const served = sandboxKinds().find((one) => one.group === group && one.version === version && one.kind === kind);
  if (served === undefined) throw new Error(`${kind} is not served`);
  const prefix = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const namespace = typeof object.metadata['namespace'] === 'string' ? object.metadata['namespace'] : 'default';
  const base = `${prefix}${served.namespaced ? `/namespaces/${namespace}` : ''}/${served.resource}`;
  const query = '?dryRun=All&fieldManager=test';
  const created = await ask('POST', base + query, 'application/json', object);
  const applied = await ask('PATCH', `${base}/${nameOf(object)}${query}`, 'application/apply-patch+yaml', object);
  const line = { case: `${kind} ${nameOf(object)}`, created: withoutChance(created), applied: withoutChance(applied) };
  answers.push(JSON.stringify(line));
}
writeFileSync(join(folder, 'answers.jsonl'), `${answers.join('\n')}\n`);
console.log(`${answers.length} cases`);
