import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  status,
} from '@grpc/grpc-js';
import { CsiError } from './csi-error.ts';

/** The calls of a service, by name. What each one takes is what its proto message says. */
export type Calls = Readonly<Record<string, (request: never) => Promise<object>>>;

/** Called around each call; may delay it, refuse it, or lose its answer. */
export type Around = (call: string, work: () => Promise<object>) => Promise<object>;

export interface Served {
  readonly service: ServiceDefinition;
  readonly calls: object;
}

/** A gRPC server on a Unix socket. */
export interface GrpcServer {
  /** Breaks all connections, and removes the socket. */
  close(): void;
}

/** Linux, sockaddr_un. */
const LONGEST_SOCKET_PATH = 107;

export async function serveGrpc(socketPath: string, served: readonly Served[], around: Around): Promise<GrpcServer> {
  if (Buffer.byteLength(socketPath) > LONGEST_SOCKET_PATH) {
    throw new Error(
      `the socket path ${socketPath} has more than ${LONGEST_SOCKET_PATH} bytes; use a folder with a shorter path`,
    );
  }
  mkdirSync(dirname(socketPath), { recursive: true });
  rmSync(socketPath, { force: true });
  const server = new Server();
  for (const { service, calls } of served) server.addService(service, implementation(service, calls as Calls, around));
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socketPath}`, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    );
  });
  return {
    close: () => {
      server.forceShutdown();
      rmSync(socketPath, { force: true });
    },
  };
}

/** A call that the array does not have is answered UNIMPLEMENTED by grpc-js itself. */
function implementation(service: ServiceDefinition, calls: Calls, around: Around) {
  const known = Object.keys(service).filter((name) => calls[name] !== undefined);
  return Object.fromEntries(known.map((name) => [name, unary(name, calls, around)]));
}

function unary(name: string, calls: Calls, around: Around) {
  return (call: ServerUnaryCall<unknown, object>, answer: sendUnaryData<object>): void => {
    around(name, async () => (await calls[name]?.(call.request as never)) ?? {}).then(
      (response) => answer(null, response),
      (error: unknown) => answer(asGrpcError(error)),
    );
  };
}

function asGrpcError(error: unknown): { code: number; details: string } {
  if (error instanceof CsiError) return { code: status[error.code], details: error.message };
  return { code: status.INTERNAL, details: error instanceof Error ? error.message : String(error) };
}
