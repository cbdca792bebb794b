import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { buildCommand } from '../../../../src/adapters/kustomize/kustomizeBuild.ts';
import { findKustomize } from '../../../../src/adapters/kustomize/kustomizeProgram.ts';
import { type CommandSpec, ProcessError, type ProcessRunner } from '../../../../src/ports/processRunner.ts';

/** Programs by path with what they print for a version. */
function installed(programs: Record<string, string>): ProcessRunner {
  return {
    find: (command) =>
      Promise.resolve(Object.keys(programs).find((path) => path === command || path.endsWith(`/${command}`))),
    run: <T>(spec: CommandSpec<T>) => Promise.resolve(spec.parse(programs[spec.command] ?? '')),
  };
}

const kubectlVersion = '{\n  "clientVersion": { "gitVersion": "v1.35.2" },\n  "kustomizeVersion": "v5.7.1"\n}';

describe('the program that builds', () => {
  test('kustomize first, then kubectl', async () => {
    const both = installed({ '/bin/kubectl': kubectlVersion, '/bin/kustomize': 'v5.8.1\n' });
    assert.deepEqual(await findKustomize(both, undefined), {
      command: '/bin/kustomize',
      build: ['build'],
      version: 'v5.8.1',
    });
    const one = installed({ '/bin/kubectl': kubectlVersion });
    assert.deepEqual(await findKustomize(one, ''), {
      command: '/bin/kubectl',
      build: ['kustomize'],
      version: 'v5.7.1',
    });
  });

  test('the one that the user set, whatever it is called', async () => {
    for (const path of ['/opt/kubectl-1.35', '/opt/oc', '/opt/my-kubectl', 'C:\\bin\\kubectl.exe']) {
      assert.deepEqual((await findKustomize(installed({ [path]: kubectlVersion }), path)).build, ['kustomize'], path);
    }
    for (const path of ['/opt/kustomize_v5', '/opt/kubectl-kustomize', '/opt/docs-tool']) {
      assert.deepEqual((await findKustomize(installed({ [path]: 'v5' }), path)).build, ['build'], path);
    }
  });

  test('none is an error with what to install', async () => {
    await assert.rejects(findKustomize(installed({}), undefined), (error) => {
      return ProcessError.is(error, 'not-found') && (error.remedy ?? '').includes('Install kustomize');
    });
  });
});

test('a build as data: no shell, no network, no path that is an option', () => {
  const program = { command: '/bin/kubectl', build: ['kustomize'], version: 'v5' };
  const options = { directory: '/repo', path: '--help', unrestricted: true, allowRemote: false };
  const spec = buildCommand(program, options);
  assert.deepEqual(spec.args, ['kustomize', '--load-restrictor=LoadRestrictionsNone', './--help']);
  assert.equal(spec.cwd, '/repo');
  assert.equal(spec.env?.['https_proxy'], 'http://127.0.0.1:9');
  assert.equal(spec.env['GIT_ALLOW_PROTOCOL'], 'none');
  const remote = buildCommand(program, { ...options, unrestricted: false, allowRemote: true, timeoutMilliseconds: 5 });
  assert.deepEqual([remote.args, remote.env, remote.timeoutMilliseconds], [['kustomize', './--help'], {}, 5]);
});
