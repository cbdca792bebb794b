import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fieldAt, stringAt } from '../../../src/core/json.ts';
import { parseJson } from '../../../src/core/jsonText.ts';
import { temporarySandbox } from './sandboxClient.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const kubectl = process.env['PLUMBLINE_KUBECTL'] ?? join(root, 'node_modules', '.cache', 'plumbline', 'bin', 'kubectl');
const skip = existsSync(kubectl) ? false : `no kubectl at ${kubectl}; scripts/tools.ts extracts one on Linux`;

interface Run {
  code: number;
  output: string;
  error: string;
}

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1"}]}
`;

describe('a stock kubectl against the sandbox', { skip }, () => {
  let sandbox: Awaited<ReturnType<typeof temporarySandbox>>;
  before(async () => {
    sandbox = await temporarySandbox();
  });
  after(() => sandbox.remove());

  const environment = (): NodeJS.ProcessEnv => ({
    PATH: process.env['PATH'],
    HOME: sandbox.directory,
    KUBECONFIG: sandbox.kubeconfigPath,
  });

  /** Runs kubectl; fails the test where it ends with another code than expected. */
  const run = async (line: string, options: { input?: string; code?: number } = {}): Promise<Run> => {
    const result = await new Promise<Run>((resolve) => {
      const child = execFile(
        kubectl,
        line.split(' '),
        { env: environment(), timeout: 30_000 },
        (error, output, text) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
          resolve({ code, output, error: text });
        },
      );
      child.stdin?.end(options.input ?? '');
    });
    assert.equal(result.code, options.code ?? 0, `kubectl ${line}: ${result.error}${result.output}`);
    return result;
  };
  const json = async (line: string) => parseJson((await run(`${line} -o json`)).output);

  test('apply --server-side, wait, get as table, by label, of all namespaces', async () => {
    assert.match(
      (await run('apply --server-side -f -', { input: deployment })).output,
      /deployment.apps\/web serverside-applied/,
    );
    await run('wait --for=condition=Available deployment/web --timeout=20s');
    await run('rollout status deployment/web --timeout=20s');
    assert.match((await run('get deployment web')).output, /^web +2\/2 +2 +2 /m);
    assert.match((await run('get pods -l app=web -o wide')).output, /Running .* sandbox/);
    assert.equal((await run('get pods -l app=nope')).error.trim(), 'No resources found in default namespace.');
    assert.match((await run('get configmaps -A')).output, /^kube-system +kube-root-ca.crt/m);
    assert.match((await run('get deploy,rs,po')).output, /replicaset.apps\/web-/);
  });

  test('scale, set image, label, annotate and patch change what they say', async () => {
    await run('scale deployment web --replicas=3');
    await run('set image deployment/web web=nginx:2');
    await run('label deployment web team=shop');
    await run('annotate deployment web note=here');
    await run('patch deployment web --type=json -p [{"op":"add","path":"/spec/minReadySeconds","value":1}]');
    const live = await json('get deployment web');
    assert.equal(fieldAt(live, 'spec', 'replicas'), 3);
    assert.equal(fieldAt(live, 'spec', 'minReadySeconds'), 1);
    assert.equal(stringAt(live, 'metadata', 'labels', 'team'), 'shop');
    assert.equal(stringAt(live, 'metadata', 'annotations', 'note'), 'here');
  });

  test('server-side apply names the owner of what was changed meanwhile', async () => {
    const { error } = await run('apply --server-side --field-manager=git -f -', { input: deployment, code: 1 });
    assert.match(
      error,
      /conflict with "kubectl" with subresource "scale" using apps\/v1: \.spec\.replicas|conflicts? with "kubectl/,
    );
    await run('apply --server-side --field-manager=git --force-conflicts -f -', { input: deployment });
    assert.equal(fieldAt(await json('get deployment web'), 'spec', 'replicas'), 2);
  });

  test('plain apply, diff and delete', async () => {
    const first = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\ndata: {a: "1", b: "1"}\n';
    const second = first.replace(', b: "1"', ', c: "1"');
    await run('apply -f -', { input: first });
    const { output } = await run('diff -f -', { input: second, code: 1 });
    assert.match(output, /^- {2}b: "1"$/m);
    assert.match(output, /^\+ {2}c: "1"$/m);
    await run('diff -f -', { input: first });
    await run('diff --server-side -f -', { input: second.replace('plain', 'fresh'), code: 1 });
    await run('apply -f -', { input: second });
    assert.deepEqual(fieldAt(await json('get configmap plain'), 'data'), { a: '1', c: '1' });
    await run('delete configmap plain');
    assert.match((await run('get configmap plain', { code: 1 })).error, /configmaps "plain" not found/);
  });

  test('create in protobuf, run, expose and autoscale', async () => {
    await run('create configmap made --from-literal=a=1');
    await run('create secret generic hidden --from-literal=password=plain');
    await run('create job once --image=busybox:1 -- true');
    await run('expose deployment web --port=80');
    await run('autoscale deployment web --max=3');
    assert.deepEqual(fieldAt(await json('get configmap made'), 'data'), { a: '1' });
    assert.equal(
      stringAt(await json('get secret hidden'), 'data', 'password'),
      Buffer.from('plain').toString('base64'),
    );
    await run('wait --for=condition=Complete job/once --timeout=20s');
    assert.equal(stringAt(await json('get service web'), 'spec', 'type'), 'ClusterIP');
  });

  test('edit with an editor', async () => {
    const result = await new Promise<Run>((resolve) => {
      const env = {
        ...environment(),
        KUBE_EDITOR: `${process.execPath} ${fileURLToPath(new URL('changeOne.ts', import.meta.url))}`,
      };
      execFile(kubectl, ['edit', 'configmap', 'made'], { env, timeout: 30_000 }, (error, output, text) =>
        resolve({ code: error === null ? 0 : 1, output, error: text }),
      );
    });
    assert.equal(result.code, 0, result.error);
    assert.deepEqual(fieldAt(await json('get configmap made'), 'data'), { a: '2' });
  });

  test('get -w sees what happens', async () => {
    const child = spawn(kubectl, ['get', 'configmaps', '-w', '-o', 'name'], {
      env: environment(),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let seen = '';
    child.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString('utf8')));
    for (let wait = 0; !seen.includes('configmap/made') && wait < 100; wait++) await setTimeout(50);
    await run('create configmap seen');
    for (let wait = 0; !seen.includes('configmap/seen') && wait < 100; wait++) await setTimeout(50);
    child.kill();
    assert.match(seen, /configmap\/seen/);
  });

  test('a misspelt field is refused before anything is stored', async () => {
    const { error } = await run('apply -f -', {
      input: deployment.replace('replicas:', 'replica:').replace('web}', 'odd}'),
      code: 1,
    });
    assert.match(error, /unknown field "spec.replica"/);
  });

  test('api-resources, explain and auth can-i', async () => {
    const { output } = await run('api-resources --namespaced=true -o wide');
    assert.match(
      output,
      /^deployments +deploy +apps\/v1 +true +Deployment +create,delete,deletecollection,get,list,patch,update,watch +all/m,
    );
    assert.match((await run('explain deployment.spec.replicas')).output, /replicas <integer>/);
    assert.equal((await run('auth can-i delete pods')).output.trim(), 'yes');
    assert.match((await run('version')).output, /Server Version: v1\.35\./);
  });

  test('a CustomResourceDefinition is served at once, with its columns, and checked', async () => {
    const crd = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets, shortNames: [wd]}
  versions:
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer, default: 3, maximum: 5}}}}}}
`;
    await run('apply --server-side -f -', { input: crd });
    await run('wait --for=condition=Established crd/widgets.example.com --timeout=10s');
    const widget = 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: one}\nspec: {}\n';
    await run('apply -f -', { input: widget });
    assert.match((await run('get wd')).output, /^NAME +SIZE\none +3$/m);
    const { error } = await run('apply -f -', { input: widget.replace('{}', '{size: 9}'), code: 1 });
    assert.match(error, /spec.size: Invalid value: 9: spec.size in body should be less than or equal to 5/);
    await run('delete crd widgets.example.com');
    await run('get widgets', { code: 1 });
  });

  test('a namespace goes with all that is in it', async () => {
    await run('create namespace team');
    await run('create configmap inside -n team');
    await run('delete namespace team --timeout=20s');
    await run('get namespace team', { code: 1 });
  });
});
