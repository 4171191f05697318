import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { parse } from 'yaml';

/** The cluster's own small way to its API server: kubectl would take a tenth of a second for each of a thousand nodes. */
export interface ApiClient {
  /** Sends JSON and parses the answer. Throws ApiError on any status but 2xx. */
  send<T>(method: string, path: string, body?: unknown, forms?: Forms): Promise<T>;
  close(): void;
}

/** Other forms of JSON than the plain one, as media types. A PATCH is a merge patch unless it says otherwise. */
export interface Forms {
  readonly accept?: string;
  readonly contentType?: string;
}

export class ApiError extends Error {
  readonly status: number;
  /** What the API server said. */
  readonly answer: string;
  constructor(status: number, answer: string, request: string) {
    super(`${request}: ${answer.slice(0, 500)}`);
    this.name = 'ApiError';
    this.status = status;
    this.answer = answer;
  }
}

interface Kubeconfig {
  readonly clusters: ReadonlyArray<{
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }>;
  readonly users: ReadonlyArray<{ readonly user: { readonly token: string } }>;
}

/** Reads a kubeconfig as we write it: one cluster, one user with a token. */
export function apiClient(kubeconfigPath: string, requestTimeoutSeconds = 20): ApiClient {
  const config = parse(readFileSync(kubeconfigPath, 'utf8')) as Kubeconfig;
  const cluster = config.clusters[0]?.cluster;
  const token = config.users[0]?.user.token;
  if (cluster === undefined || token === undefined) throw new Error(`${kubeconfigPath} names no cluster or no token`);
  const ca = Buffer.from(cluster['certificate-authority-data'], 'base64');
  const agent = new Agent({ ca, keepAlive: true, maxSockets: 16 });
  const send = async <T>(method: string, path: string, body?: unknown, forms: Forms = {}): Promise<T> => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': forms.contentType ?? contentType(method),
      accept: forms.accept ?? 'application/json',
    };
    const answer = await exchange(
      new URL(path, cluster.server),
      { method, headers, agent },
      body,
      requestTimeoutSeconds,
    );
    if (answer.status < 200 || answer.status > 299) throw new ApiError(answer.status, answer.text, `${method} ${path}`);
    return parseAnswer(answer.text) as T;
  };
  return { send, close: () => agent.destroy() };
}

const contentType = (method: string): string =>
  method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';

/** Health end points answer plain text. */
function parseAnswer(text: string): unknown {
  return text.startsWith('{') ? JSON.parse(text) : text;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

type RequestHead = { readonly method: string; readonly headers: Record<string, string>; readonly agent: Agent };

function exchange(url: URL, head: RequestHead, body: unknown, timeoutSeconds: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(url, { ...head, signal: AbortSignal.timeout(timeoutSeconds * 1000) }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    call.on('error', reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
