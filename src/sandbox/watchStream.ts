import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ListRequest } from '../core/cluster/requests.ts';
import { type ServedKind, apiVersionOfKind } from '../core/cluster/servedKind.ts';
import type { SimulatedCluster } from '../core/cluster/simulatedCluster.ts';
import { type WatchedChange, startWatch } from '../core/cluster/watching.ts';
import { printJson } from '../core/jsonText.ts';
import type { JsonObject } from '../core/json.ts';
import { isTableRequest, tableOf } from './tables/table.ts';

export interface WatchStreamOptions {
  cluster: SimulatedCluster;
  kind: ServedKind;
  request: IncomingMessage;
  response: ServerResponse;
  list: ListRequest;
  query: URLSearchParams;
  /** Ends every stream, as the server ends. */
  stopping: AbortSignal;
}

/** A bookmark this often lets a client go on from here after a long silence. */
const bookmarkMilliseconds = 30_000;
/** Real servers end watches after 30 to 60 minutes. */
const longestMilliseconds = 45 * 60_000;

/** Answers a watch: one JSON line for each event until the client goes, the time is over, or the server stops. */
export function streamWatch(options: WatchStreamOptions): void {
  const { cluster, kind, request, response, query, stopping } = options;
  const asTable = isTableRequest(request);
  let columnsSent = false;
  const shown = (object: JsonObject): JsonObject => {
    if (!asTable) return object;
    const table = tableOf(kind, [object as never], cluster.now(), {
      metadata: {},
      include: query.get('includeObject') ?? '',
    });
    // The first event tells the columns, the others leave them out.
    if (columnsSent) table['columnDefinitions'] = null;
    columnsSent = true;
    return table;
  };
  const send = (type: string, object: JsonObject): void => void response.write(`${printJson({ type, object })}\n`);
  const onChange = (change: WatchedChange): void => send(change.type, shown(change.object));

  // Throws 410 before anything is sent, so that it is answered as an error.
  const watch = startWatch(cluster, kind, options.list, {
    resourceVersion: query.get('resourceVersion') ?? '',
    sendInitialEvents: query.get('sendInitialEvents') === 'true',
  });
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
  response.flushHeaders();
  const bookmark = (annotations?: JsonObject): void => {
    const metadata: JsonObject = {
      resourceVersion: String(cluster.store.resourceVersion),
      ...(annotations === undefined ? {} : { annotations }),
    };
    send('BOOKMARK', { kind: kind.kind, apiVersion: apiVersionOfKind(kind), metadata });
  };
  for (const change of watch.initial) onChange(change);
  const wantsBookmarks = query.get('allowWatchBookmarks') === 'true';
  if (query.get('sendInitialEvents') === 'true' && wantsBookmarks) bookmark({ 'k8s.io/initial-events-end': 'true' });

  const subscription = watch.follow(onChange);
  const timer = wantsBookmarks ? setInterval(() => bookmark(), bookmarkMilliseconds) : undefined;
  const seconds = Number(query.get('timeoutSeconds') ?? '0');
  const end = (): void => {
    clearInterval(timer);
    clearTimeout(limit);
    subscription.dispose();
    stopping.removeEventListener('abort', end);
    response.end();
  };
  const limit = setTimeout(end, seconds > 0 ? Math.min(seconds * 1000, longestMilliseconds) : longestMilliseconds);
  stopping.addEventListener('abort', end);
  response.on('close', end);
}
