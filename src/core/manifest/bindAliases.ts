import { type Alias, type Node, isAlias, isMap, isNode, isSeq } from 'yaml';

/**
 * What each alias of a document stands for: the node of its name that was anchored last before it. An alias of an unknown name is
 * not in the map. Walks without recursion, since nothing has limited the depth yet.
 */
export function bindAliases(contents: Node | null): ReadonlyMap<Alias, Node> {
  const targets = new Map<Alias, Node>();
  const anchors = new Map<string, Node>();
  const waiting: unknown[] = [contents];
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (!isNode(node)) continue;
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target !== undefined) targets.set(node, target);
      continue;
    }
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    // The last one pushed is met first, so children are pushed from the end.
    if (isSeq(node)) for (const item of node.items.toReversed()) waiting.push(item);
    else if (isMap(node)) for (const pair of node.items.toReversed()) waiting.push(pair.value, pair.key);
  }
  return targets;
}
