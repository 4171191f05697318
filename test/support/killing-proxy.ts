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
import { HeldWatches } from './held-watches.ts';
import { type StoppedWrite, StoppedWrites } from './stopped-writes.ts';
import { WriteRules, isCountedWrite } from './write-rules.ts';

/**
 * What happens to the n-th counted write. `killBefore`: it never arrives; `killAfter`: it is committed, nobody hears of it; `pass`: nothing.
 * What the API server will not do now (429, as an eviction that a budget forbids) is not committed: that answer passes, and the next write
 * is met in its place.
 */
export type Fault = 'killBefore' | 'killAfter' | 'loseReply' | 'pass';

/** A write that passed or was hit, as `VERB /path`. */
export interface SeenWrite {
  readonly method: string;
  readonly path: string;
  readonly status: number | undefined;
}

export type { StoppedWrite } from './stopped-writes.ts';

export interface KillingProxy {
  /** http://127.0.0.1:PORT */
  readonly url: string;
  /** Writes seen since the last `arm`, in order: Leases, events, dry runs and reviews are not counted. */
  readonly writes: readonly SeenWrite[];
  /** The write number `at` (1-based, counted from now) meets `fault`; `onFault` is called at that moment (to kill the program). */
  arm(at: number, fault: Fault, onFault: () => void): void;
  /** Beside `arm`: the write number `at` whose method and path match meets the fault, once. Several such wait side by side. */
  armFor(match: RegExp, at: number, fault: Fault, onFault: () => void): void;
  readonly watches: Pick<HeldWatches, 'hold' | 'release'>;
  /** Count from zero; nothing happens to any write. */
  disarm(): void;
  /** From now on only writes whose path contains this are counted; empty: all. */
  countOnly(pathPart: string): void;
  /**
   * The counted write number `at` (1-based, from now) whose path contains or matches `pathPart` meets the fault, and no later one of these arrives. Other
   * writes pass, so that many may stand still at once; then kill the program, and `letGo`.
   */
  stopAt(pathPart: string | RegExp, at: number, fault: 'killBefore' | 'killAfter'): StoppedWrite;
  /** Breaks the connections of what was stopped, and stops nothing more. */
  letGo(): void;
  /** Nothing passes, nothing is answered, until `thaw`: a frozen network. */
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

interface Hit {
  readonly fault: Fault;
  readonly onFault: () => void;
}

const TOO_MANY_REQUESTS = 429;

/**
 * Starts a proxy on loopback in front of `server`, an https or http URL. `ca` is the PEM of its certificate authority.
 * The program's own credentials pass through.
 */
export async function startKillingProxy(server: string, ca: string | undefined): Promise<KillingProxy> {
  const target = new URL(server);
  const seen: SeenWrite[] = [];
  let armed: (Hit & { readonly at: number }) | undefined;
  let frozen: Promise<void> | undefined;
  let release: (() => void) | undefined;
  let counted = 0;
  let only = '';
  const rules = new WriteRules<Hit>();
  const watches = new HeldWatches();
  const stops = new StoppedWrites();

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
        if (!watches.takes(incoming.url ?? '', response, answer)) response.pipe(answer);
        response.on('error', () => answer.destroy());
      },
      () => answer.destroy(),
    );
    answer.on('close', abort);
  }

  /** Sends the write and waits for the API server's answer, of which the program hears nothing; but that it is not done now, `later` hears. */
  function commit(
    incoming: IncomingMessage,
    body: Buffer,
    done: (status: number | undefined) => void,
    later?: (refusal: IncomingMessage) => void,
  ): void {
    forward(
      incoming,
      body,
      (response) => {
        if (later !== undefined && response.statusCode === TOO_MANY_REQUESTS) {
          later(response);
          return;
        }
        response.resume();
        response.on('end', () => done(response.statusCode));
      },
      () => done(undefined),
    );
  }

  function swallow(
    incoming: IncomingMessage,
    answer: ServerResponse,
    body: Buffer,
    note: (status: number | undefined) => void,
    then: () => void,
  ): void {
    commit(
      incoming,
      body,
      (status) => {
        note(status);
        then();
        answer.destroy();
      },
      (refusal) => {
        note(refusal.statusCode);
        if (armed !== undefined) armed = { ...armed, at: counted + 1 };
        answer.writeHead(refusal.statusCode ?? TOO_MANY_REQUESTS, refusal.headers);
        refusal.pipe(answer);
      },
    );
  }

  function meet(
    { fault, onFault }: Hit,
    incoming: IncomingMessage,
    answer: ServerResponse,
    body: Buffer,
    note: (status: number | undefined) => void,
  ): void {
    switch (fault) {
      case 'pass':
        onFault();
        pass(incoming, answer, body, note);
        return;
      case 'killBefore':
        onFault();
        answer.destroy();
        return;
      case 'killAfter':
      case 'loseReply':
        swallow(incoming, answer, body, note, onFault);
    }
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
    if (stops.takes({ method, path }, answer, (done) => commit(incoming, body, done))) return;
    counted += 1;
    const index = seen.push({ method, path, status: undefined }) - 1;
    const note = (status: number | undefined): void => {
      seen[index] = { method, path, status };
    };
    const hit = rules.hitBy(`${method} ${path}`) ?? (armed !== undefined && counted === armed.at ? armed : undefined);
    if (hit === undefined) {
      pass(incoming, answer, body, note);
      return;
    }
    meet(hit, incoming, answer, body, note);
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
    watches,
    arm(at, fault, onFault) {
      reset();
      armed = { at, fault, onFault };
    },
    disarm() {
      reset();
      armed = undefined;
      rules.clear();
    },
    armFor(match, at, fault, onFault) {
      rules.add(match, at, { fault, onFault });
    },
    countOnly(pathPart) {
      only = pathPart;
    },
    stopAt: (pathPart, at, fault) => stops.add(pathPart, at, fault),
    letGo: () => stops.letGo(),
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
