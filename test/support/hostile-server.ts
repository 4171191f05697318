import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A request as it arrived. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** Parsed JSON, or undefined when there was no body. */
  readonly body: unknown;
}

export interface Reply {
  (received: Received, response: ServerResponse): void | Promise<void>;
}

/** Replies with JSON. */
export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Reply =>
  (_received, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };

/** Replies with a Status, as the API server does for errors. */
export const failure = (
  code: number,
  reason: string,
  message = reason,
  more: object = {},
  headers: Record<string, string> = {},
): Reply =>
  json(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code, ...more }, headers);

/** Replies with one page of a list. */
export const page = (items: readonly unknown[], resourceVersion: string, next?: string): Reply =>
  json(200, {
    kind: 'List',
    apiVersion: 'v1',
    metadata: { resourceVersion, ...(next === undefined ? {} : { continue: next }) },
    items,
  });

/** What a watch does next: write text as it is, wait, cut the connection, or end the reply properly (as it also does after the last step). */
export type WatchStep = { readonly write: string | Buffer } | { readonly waitMs: number } | 'cut' | 'silence';

export const eventLine = (type: string, object: unknown): WatchStep => ({
  write: `${JSON.stringify({ type, object })}\n`,
});

/** Replies with a stream of watch events. */
export const watch =
  (...steps: readonly WatchStep[]): Reply =>
  async (_received, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const step of steps) {
      if (step === 'silence') return;
      if (step === 'cut') {
        response.socket?.destroy();
        return;
      }
      if ('waitMs' in step) await wait(step.waitMs);
      else await new Promise<void>((resolve) => void response.write(step.write, () => resolve()));
    }
    response.end();
  };

/** Accepts the request, and never answers. */
export const silence: Reply = () => undefined;

/** Lets `then` do its work, and cuts the connection instead of telling. */
export const lose =
  (then: (received: Received) => void = () => undefined): Reply =>
  (received, response) => {
    then(received);
    response.socket?.destroy();
  };

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}

/** An HTTP server that answers as it is told, to see what we make of it. */
export class HostileServer {
  readonly received: Received[] = [];
  readonly #server: Server;
  readonly #script: Reply[] = [];
  #otherwise: Reply = failure(500, 'InternalError', 'the script is over');

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request, response);
    });
    this.#server.keepAliveTimeout = 60_000;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The replies to the next requests, in order. */
  script(...replies: readonly Reply[]): void {
    this.#script.push(...replies);
  }

  /** The reply when the script is over. */
  otherwise(reply: Reply): void {
    this.#otherwise = reply;
  }

  /** Cuts all connections, those of watches included. */
  cutAll(): void {
    this.#server.closeAllConnections();
  }

  async stop(): Promise<void> {
    this.cutAll();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    try {
      const url = new URL(request.url ?? '/', this.url);
      const body = await readBody(request);
      const received = {
        method: request.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body,
      };
      this.received.push(received);
      await (this.#script.shift() ?? this.#otherwise)(received, response);
    } catch {
      // The other side went away.
      response.socket?.destroy();
    }
  }
}
