import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { ArrayNode } from './array-control.ts';
import type { ArrayState } from './array-state.ts';
import { healFaults, injectFault } from './fault-effects.ts';
import type { Fault, FaultKind } from './faults.ts';
import type { NodeServers } from './node-servers.ts';
import { volumeInfos } from './volume-info.ts';

/** An answer's body; undefined becomes null. */
type Route = (body: unknown, url: URL) => unknown;

/** What a test may ask and do, by method and path. */
function routes(array: ArrayState, nodes: NodeServers): Readonly<Record<string, Route>> {
  return {
    'GET /volumes': () => volumeInfos(array),
    'GET /attachments': () => array.attachments.list(),
    'GET /writers': (_, url) => array.writers.spans(url.searchParams.get('volume') ?? undefined),
    'GET /calls': () => Object.fromEntries(array.calls),
    'GET /faults': () => array.faults.list(),
    'POST /faults': (body) => injectFault(array, body as Fault),
    'POST /heal': (body) => healFaults(array, (body as { which?: number | FaultKind }).which),
    'POST /nodes': (body) => nodes.start({ ...(body as ArrayNode), poweredOff: false }),
    'POST /power-off': (body) => nodes.powerOff((body as { node: string }).node),
    'POST /power-on': (body) => nodes.powerOn((body as { node: string }).node),
  };
}

/** HTTP with JSON on a Unix socket. Errors are answered with 400 and `{"error": "…"}`. */
export async function serveControl(socketPath: string, array: ArrayState, nodes: NodeServers): Promise<Server> {
  const known = routes(array, nodes);
  const server = createServer((request, response) => {
    answer(known, request).then(
      ([status, body]) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? null)),
      (error: unknown) =>
        response.writeHead(400).end(JSON.stringify({ error: error instanceof Error ? error.message : String(error) })),
    );
  });
  rmSync(socketPath, { force: true });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socketPath, resolve));
  return server;
}

async function answer(
  known: Readonly<Record<string, Route>>,
  request: IncomingMessage,
): Promise<readonly [number, unknown]> {
  const url = new URL(request.url ?? '/', 'http://array');
  const route = known[`${request.method} ${url.pathname}`];
  if (route === undefined)
    return [
      404,
      { error: `there is no ${request.method} ${url.pathname}; there are ${Object.keys(known).join(', ')}` },
    ];
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return [200, await route(text === '' ? {} : JSON.parse(text), url)];
}
