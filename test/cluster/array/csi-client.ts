import { credentials, Client, type ServiceDefinition, status } from '@grpc/grpc-js';

/** Makes CSI calls as a sidecar or a kubelet does, for tests. */
export class CsiClient {
  readonly #client: Client;
  readonly #services: readonly ServiceDefinition[];

  constructor(socketPath: string, services: readonly ServiceDefinition[]) {
    // A socket that is made anew after a kill must be tried at once.
    this.#client = new Client(`unix:${socketPath}`, credentials.createInsecure(), {
      'grpc.initial_reconnect_backoff_ms': 50,
      'grpc.max_reconnect_backoff_ms': 100,
    });
    this.#services = services;
  }

  /** Throws an error whose message begins with the gRPC code's name. */
  call<T>(name: string, request: object): Promise<T> {
    const method = this.#services.map((service) => service[name]).find((found) => found !== undefined);
    if (method === undefined) throw new Error(`csi.proto has no call ${name}`);
    const options = { deadline: Date.now() + 30_000 };
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        options,
        (error, response) => {
          if (error === null) resolve(response as T);
          else reject(new Error(`${status[error.code]}: ${error.details}`));
        },
      );
    });
  }

  close(): void {
    this.#client.close();
  }
}
