// A proxy between one program and the API server that can do to a write what networks and crashes do: the program dies before the
// write arrives; it dies after the write is committed and before the reply; the reply is lost; the write is late.
// Reads and watches pass. Recipe: Sieve (OSDI'22), Acto (SOSP'23).
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What happens to the n-th counted write. `killBefore`: it never arrives; `killAfter`: it is committed, nobody hears of it. */
export type Fault = 'killBefore' | 'killAfter' | 'loseReply';

/** A write that passed or was hit, as `VERB /path`. */
export interface SeenWrite {
  readonly method: string;
  readonly path: string;
  readonly status: number | undefined;
}

export interface KillingProxy {
  /** http://127.0.0.1:PORT */
  readonly url: string;
  /** Writes seen since the last `arm`, in order: Leases, events, dry runs and reviews are not counted. */
  readonly writes: readonly SeenWrite[];
  /** The write number `at` (1-based, counted from now) meets `fault`; `onFault` is called at that moment (to kill the program). */
  arm(at: number, fault: Fault, onFault: () => void): void;
  /** Count from zero; nothing happens to any write. */
  disarm(): void;
  /** From now on only writes whose path contains this are counted; empty: all. */
  countOnly(pathPart: string): void;
  /** Nothing passes, nothing is answered, until `thaw`: a frozen network. */
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

const WRITE_METHODS: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

function isCountedWrite(method: string, path: string): boolean {
  if (!WRITE_METHODS.has(method)) return false;
  return !/dryRun=All|\/leases(\/|$|\?)|\/events(\/|$|\?)|(access|token)reviews/.test(path);
}

/**
 * Starts a proxy on loopback in front of `server`, an https or http URL. `ca` is the PEM of its certificate authority.
 * The program's own credentials pass through.
 */
export async function startKillingProxy(server: string, ca: string | undefined): Promise<KillingProxy> {
  const target = new URL(server);
  const seen: SeenWrite[] = [];
  let armed: { readonly at: number; readonly fault: Fault; readonly onFault: () => void } | undefined;
  let frozen: Promise<void> | undefined;
  let release: (() => void) | undefined;
  let counted = 0;
  let only = '';

  function forward(
    incoming: IncomingMessage,
    body: Buffer,
    onResponse: (response: IncomingMessage) => void,
    onError: (error: Error) => void,
  ): () => void {
    const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = send(
      {
        host: target.hostname,
        port: target.port,
        method: incoming.method,
        path: incoming.url,
        headers: { ...incoming.headers, host: target.host },
        ...(ca === undefined ? { rejectUnauthorized: false } : { ca }),
      },
      onResponse,
    );
    outgoing.on('error', onError);
    outgoing.end(body);
    return () => outgoing.destroy();
  }

  function pass(
    incoming: IncomingMessage,
    answer: ServerResponse,
    body: Buffer,
    note: (status: number | undefined) => void,
  ): void {
    const abort = forward(
      incoming,
      body,
      (response) => {
        note(response.statusCode);
        answer.writeHead(response.statusCode ?? 502, response.headers);
        answer.flushHeaders(); // a quiet watch has begun all the same
        response.pipe(answer);
        response.on('error', () => answer.destroy());
      },
      () => answer.destroy(),
    );
    answer.on('close', abort);
  }

  /** Commits the write, waits for the API server's answer, and gives the program none. */
  function swallow(
    incoming: IncomingMessage,
    answer: ServerResponse,
    body: Buffer,
    note: (status: number | undefined) => void,
    then: () => void,
  ): void {
    const done = (status: number | undefined): void => {
      note(status);
      then();
      answer.destroy();
    };
    forward(
      incoming,
      body,
      (response) => {
        response.resume();
        response.on('end', () => done(response.statusCode));
      },
      () => done(undefined),
    );
  }

  async function handle(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (frozen !== undefined) await frozen;
    const method = incoming.method ?? 'GET';
    const path = incoming.url ?? '/';
    if (!isCountedWrite(method, path) || !path.includes(only)) {
      pass(incoming, answer, body, () => undefined);
      return;
    }
    counted += 1;
    const index = seen.push({ method, path, status: undefined }) - 1;
    const note = (status: number | undefined): void => {
      seen[index] = { method, path, status };
    };
    if (armed === undefined || counted !== armed.at) {
      pass(incoming, answer, body, note);
      return;
    }
    const { fault, onFault } = armed;
    switch (fault) {
      case 'killBefore':
        onFault();
        answer.destroy();
        return;
      case 'killAfter':
        swallow(incoming, answer, body, note, onFault);
        return;
      case 'loseReply':
        swallow(incoming, answer, body, note, onFault);
        return;
    }
  }

  const listener: Server = createServer((incoming, answer) => {
    handle(incoming, answer).catch(() => answer.destroy());
  });
  listener.requestTimeout = 0;
  await new Promise<void>((resolve) => {
    listener.listen(0, '127.0.0.1', resolve);
  });
  const { port } = listener.address() as AddressInfo;

  function reset(): void {
    counted = 0;
    seen.length = 0;
  }

  return {
    url: `http://127.0.0.1:${port}`,
    writes: seen,
    arm(at, fault, onFault) {
      reset();
      armed = { at, fault, onFault };
    },
    disarm() {
      reset();
      armed = undefined;
    },
    countOnly(pathPart) {
      only = pathPart;
    },
    freeze() {
      frozen = new Promise<void>((resolve) => {
        release = resolve;
      });
    },
    thaw() {
      frozen = undefined;
      release?.();
    },
    async close() {
      release?.();
      listener.closeAllConnections();
      await new Promise<void>((resolve) => {
        listener.close(() => resolve());
      });
    },
  };
}
