import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions } from 'node:https';

/** Where the API server is and how to be let in. */
export interface Connection {
  /** The URL, with a path prefix if there is one. */
  readonly server: string;
  /** TLS, authorization headers and agent for the next request. */
  options(): Promise<RequestOptions>;
  /** Reads everything anew, after a 401. False when that makes no sense (again): then the credentials themselves are refused. */
  reload(): boolean;
  /** Closes idle connections, after one of them turned out dead: the others probably lead to the same dead peer. */
  dropIdle(): void;
  close(): void;
}

/**
 * The kept-alive connections of one client. Agents tell connections with different certificates apart by themselves, so a rotated
 * certificate simply opens new ones.
 */
export class ConnectionPool {
  readonly #https = new HttpsAgent({ keepAlive: true });
  readonly #http = new HttpAgent({ keepAlive: true });

  agentFor(server: string): HttpAgent {
    return server.startsWith('http:') ? this.#http : this.#https;
  }

  dropIdle(): void {
    for (const agent of [this.#https, this.#http]) {
      for (const sockets of Object.values(agent.freeSockets)) sockets?.forEach((socket) => socket.destroy());
    }
  }

  close(): void {
    this.#https.destroy();
    this.#http.destroy();
  }
}

/** A server's URL and a bearer token, from outside any configuration file. */
export class GivenConnection implements Connection {
  readonly server: string;
  readonly #token: string | undefined;
  readonly #pool = new ConnectionPool();

  constructor(server: string, token?: string) {
    this.server = server.replace(/\/$/, '');
    this.#token = token;
  }

  options(): Promise<RequestOptions> {
    const headers = this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
    return Promise.resolve({ headers, agent: this.#pool.agentFor(this.server) });
  }

  reload(): boolean {
    return false;
  }

  dropIdle(): void {
    this.#pool.dropIdle();
  }

  close(): void {
    this.#pool.close();
  }
}
