import { type GroupVersionKind, apiVersionOf } from '../../core/kube/objectKey.ts';
import type { Problem } from '../../core/problem.ts';
import { OpenApiSchema } from '../../core/schema/openApiSchema.ts';
import { type SchemaNode, objectNode } from '../../core/schema/schemaNode.ts';
import type { Cluster } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';

/**
 * Schemas of one cluster, fetched per group-version when first needed. Where the cluster has none, or may not show it, objects are
 * compared by the deduced type (semantics M-3): a missing schema never costs an object.
 */
export class SchemaCache {
  readonly #cluster: Cluster;
  readonly #documents = new Map<string, OpenApiSchema | undefined>();
  readonly #nodes = new Map<string, SchemaNode>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Fetches what `nodeFor` will be asked for. The problems say which group-versions have no schema. */
  async prepare(kinds: readonly GroupVersionKind[], signal?: AbortSignal): Promise<Problem[]> {
    const missing = [...new Set(kinds.map(apiVersionOf))].filter((version) => !this.#documents.has(version));
    const problems = await Promise.all(missing.map((version) => this.#fetch(version, signal)));
    return problems.filter((problem) => problem !== undefined);
  }

  nodeFor(kind: GroupVersionKind): SchemaNode {
    const id = `${apiVersionOf(kind)}/${kind.kind}`;
    let node = this.#nodes.get(id);
    if (node === undefined) {
      node = this.#documents.get(apiVersionOf(kind))?.schemaFor(kind) ?? objectNode();
      this.#nodes.set(id, node);
    }
    return node;
  }

  /** After a CustomResourceDefinition changed. */
  clear(): void {
    this.#documents.clear();
    this.#nodes.clear();
  }

  async #fetch(groupVersion: string, signal: AbortSignal | undefined): Promise<Problem | undefined> {
    try {
      const document = await this.#cluster.openApi(groupVersion, signal);
      this.#documents.set(groupVersion, document === undefined ? undefined : new OpenApiSchema(document));
      return undefined;
    } catch (error) {
      if (!ClusterError.is(error)) throw error;
      this.#documents.set(groupVersion, undefined);
      return {
        code: 'schema-unavailable',
        severity: 'warning',
        message: `${this.#cluster.context} did not give its schema of ${groupVersion}: ${error.message}`,
        remedy: 'Objects of it are compared without merge types: lists count as a whole.',
        context: this.#cluster.context,
      };
    }
  }
}
