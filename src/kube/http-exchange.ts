import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { KubeError } from './errors.ts';

export interface Exchange {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Address, TLS, authorization and agent. */
  readonly connection: RequestOptions;
  /** Ends the exchange at any time, before or while the reply arrives; its reason is what the exchange fails with. */
  readonly signal: AbortSignal;
}

/** True when the server closed an idle connection just as we used it: nothing was processed, so one more try is in order. */
function isStaleConnection(request: ClientRequest, error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return request.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
}

/** Any failure below HTTP as a KubeError with status 0. */
export function asKubeError(cause: unknown, what: string): KubeError {
  if (cause instanceof KubeError) return cause;
  const detail = cause instanceof Error && cause.message !== '' ? cause.message : String(cause);
  return new KubeError({ status: 0, reason: 'Network', message: `${what}: ${detail}`, cause });
}

/** Sends a request and answers when headers are there. A connection that proves stale before any reply is replaced by a fresh one, once. */
export function send(exchange: Exchange): Promise<IncomingMessage> {
  const open = exchange.url.protocol === 'http:' ? httpRequest : httpsRequest;
  const { signal } = exchange;
  const headers = { ...(exchange.connection.headers as Record<string, string> | undefined), ...exchange.headers };
  return new Promise<IncomingMessage>((resolve, reject) => {
    const attempt = (triesLeft: number) => {
      const request = open(exchange.url, { ...exchange.connection, method: exchange.method, headers });
      const stop = () => request.destroy(signal.reason as Error);
      signal.addEventListener('abort', stop, { once: true });
      request.on('close', () => signal.removeEventListener('abort', stop));
      request.on('response', resolve);
      request.on('error', (error) => {
        if (!signal.aborted && triesLeft > 0 && isStaleConnection(request, error)) attempt(triesLeft - 1);
        else reject(signal.aborted ? signal.reason : error);
      });
      request.end(exchange.body);
    };
    if (signal.aborted) reject(signal.reason);
    else attempt(1);
  });
}

/** The whole body as text. */
export async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Seconds of a Retry-After header, which is a number or a date. */
export function retryAfterSeconds(header: string | undefined, epochSeconds: number): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date / 1000 - epochSeconds);
}
