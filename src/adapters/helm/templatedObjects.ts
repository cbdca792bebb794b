import type { KubeObject } from '../../core/kube/objectKey.ts';
import { readManifests } from '../../core/manifest/readManifests.ts';

/** An object of a chart, and the template that made it. */
export interface TemplatedObject {
  object: KubeObject;
  /** As Helm prints it: `podinfo/templates/deployment.yaml`; undefined where it says nothing. */
  source: string | undefined;
}

/** Reads what `helm template` prints: a `# Source:` before each document, then YAML as Kubernetes reads it. */
export function templatedObjects(output: string): TemplatedObject[] {
  const sources = [...output.matchAll(/^# Source: (.+?)\r?$/gm)];
  const { documents } = readManifests(output, { profile: 'raw', maxBytes: Number.MAX_SAFE_INTEGER });
  let next = 0;
  return documents.map(({ object, span }) => {
    // Documents come in the order of the text, so the comments are walked along with them.
    while (next < sources.length && (sources[next]?.index ?? 0) < span.end) next += 1;
    return { object, source: sources[next - 1]?.[1] };
  });
}
