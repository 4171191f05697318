export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Query | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly contentType?: string | undefined;
  /** For the whole exchange, connecting and reading the reply included. */
  readonly timeoutSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface KubeStream {
  readonly path: string;
  readonly query?: Query | undefined;
  readonly signal: AbortSignal;
  /** The stream fails when nothing arrived for so long, the reply's headers included. */
  readonly inactivitySeconds: number;
}

/** Raw JSON in and out. Everything it throws is a KubeError. */
export interface KubeClient {
  /** The API server's URL, for messages. */
  readonly server: string;
  /** One request, one reply. Answers the parsed body, or the text of a reply that is not JSON. */
  request<T>(request: KubeRequest): Promise<T>;
  /** Calls `onLine` for each line of the reply until it ends. What `onLine` throws ends the stream and is thrown (as `cause`, unless a KubeError). */
  stream(stream: KubeStream, onLine: (line: string) => void): Promise<void>;
  /** Closes the connections; requests under way fail. */
  close(): void;
}
