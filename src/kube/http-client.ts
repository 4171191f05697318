import type { IncomingMessage } from 'node:http';
import type { KubeClient, KubeRequest, KubeStream } from './kube-client.ts';
import { systemClock, type Clock } from './clock.ts';
import type { Connection } from './connection.ts';
import { Deadline, unlessAborted } from './deadline.ts';
import { KubeError, errorFromStatus } from './errors.ts';
import { asKubeError, readText, retryAfterSeconds, send } from './http-exchange.ts';
import { isRecord } from './kube-object.ts';
import { LineSplitter } from './line-splitter.ts';

export interface HttpClientOptions {
  readonly connection: Connection;
  readonly userAgent: string;
  /** Default 30. */
  readonly requestTimeoutSeconds?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** Error bodies that are not a Status (a proxy's page, plain text) are quoted this far. */
const QUOTED_CHARACTERS = 300;

/** Requests over one pool of connections, with whatever authorization the connection gives. */
export class HttpKubeClient implements KubeClient {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #userAgent: string;
  readonly #timeoutSeconds: number;

  constructor(options: HttpClientOptions) {
    this.#connection = options.connection;
    this.#clock = options.clock ?? systemClock;
    this.#userAgent = options.userAgent;
    this.#timeoutSeconds = options.requestTimeoutSeconds ?? 30;
  }

  get server(): string {
    return this.#connection.server;
  }

  request<T>(request: KubeRequest): Promise<T> {
    const seconds = request.timeoutSeconds ?? this.#timeoutSeconds;
    return this.#bounded(request, async (deadline) => {
      deadline.set(seconds, 'Timeout', `no complete reply within ${seconds} s`);
      const response = await this.#send(request, deadline.signal);
      return this.#answerOf(request, response, await readText(response)) as T;
    });
  }

  stream(stream: KubeStream, onLine: (line: string) => void): Promise<void> {
    const request: KubeRequest = { method: 'GET', ...stream };
    const seconds = stream.inactivitySeconds;
    return this.#bounded(request, async (deadline) => {
      const rearm = () => deadline.set(seconds, 'Silent', `nothing arrived for ${seconds} s`);
      rearm();
      const response = await this.#send(request, deadline.signal);
      if (response.statusCode !== 200) this.#answerOf(request, response, await readText(response));
      const lines = new LineSplitter(onLine);
      for await (const chunk of response) {
        rearm();
        lines.write(chunk as Buffer);
      }
      lines.end();
    });
  }

  close(): void {
    this.#connection.close();
  }

  /** Runs an exchange until it answers, its deadline passes, or the caller's signal aborts; after a 401 once more with fresh credentials. */
  async #bounded<T>(request: KubeRequest, exchange: (deadline: Deadline) => Promise<T>): Promise<T> {
    const what = `${request.method} ${request.path} at ${this.server}`;
    for (let mayReload = true; ; mayReload = false) {
      const deadline = new Deadline(this.#clock, what, request.signal);
      try {
        return await exchange(deadline);
      } catch (error) {
        const failure = deadline.signal.aborted ? deadline.signal.reason : error;
        // One dead connection: the idle ones beside it most likely lead to the same dead peer.
        if (failure instanceof KubeError ? failure.reason === 'Timeout' : true) this.#connection.dropIdle();
        // A 401 means that nothing was done.
        const refused = failure instanceof KubeError && failure.status === 401;
        if (!(refused && mayReload && this.#connection.reload())) throw asKubeError(failure, what);
      } finally {
        deadline.end();
      }
    }
  }

  async #send(request: KubeRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const connection = await unlessAborted(this.#connection.options(), signal);
    const headers: Record<string, string> = { 'user-agent': this.#userAgent, accept: 'application/json' };
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    if (body !== undefined) {
      headers['content-type'] = request.contentType ?? 'application/json';
      headers['content-length'] = String(Buffer.byteLength(body));
    }
    return send({ url: urlOf(this.server, request), method: request.method, headers, body, connection, signal });
  }

  /** The body of a good reply; throws what a bad one says. */
  #answerOf(request: KubeRequest, response: IncomingMessage, text: string): unknown {
    const status = response.statusCode ?? 0;
    const isJson = (response.headers['content-type'] ?? '').includes('json');
    const body: unknown = isJson ? parseJson(text) : text;
    if (status >= 200 && status < 300) {
      if (body !== undefined) return body;
      throw new KubeError({
        status: 0,
        reason: 'BadReply',
        message: `${request.method} ${request.path}: the reply is not the JSON that it claims to be`,
      });
    }
    const retryAfter = retryAfterSeconds(response.headers['retry-after'], this.#clock.epochSeconds());
    if (isRecord(body)) throw errorFromStatus(body, status, retryAfter);
    const message = `${request.method} ${request.path}: the API server answered ${status}: ${text.slice(0, QUOTED_CHARACTERS).trim()}`;
    throw errorFromStatus({ message }, status, retryAfter);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Address and query; a server behind a path prefix keeps it. */
function urlOf(server: string, { path, query = {} }: KubeRequest): URL {
  const url = new URL(server.replace(/\/$/, '') + path);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}
