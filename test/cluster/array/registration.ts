import type { ServiceDefinition } from '@grpc/grpc-js';
import { DRIVER, nodeSocket, registrationSocket } from './driver-name.ts';
import { type GrpcServer, serveGrpc } from './serve-grpc.ts';

interface RegistrationStatus {
  readonly plugin_registered: boolean;
  readonly error: string;
}

const RETRY_MILLISECONDS = 1000;

/**
 * Tells the kubelet of that root folder about the driver: it finds the socket, asks what it is, and fills the node's CSINode. When
 * kubelet cannot (its API server may not be there yet), the socket is made anew, which makes it try again.
 */
export async function register(
  kubeletRoot: string,
  service: ServiceDefinition,
  log: (line: string) => void,
): Promise<GrpcServer> {
  const socket = registrationSocket(kubeletRoot);
  let closed = false;
  let retry: NodeJS.Timeout | undefined;
  const calls = {
    GetInfo: async () => ({
      type: 'CSIPlugin',
      name: DRIVER,
      endpoint: nodeSocket(kubeletRoot),
      supported_versions: ['1.0.0'],
    }),
    NotifyRegistrationStatus: async ({ plugin_registered, error }: RegistrationStatus) => {
      log(
        `kubelet of ${kubeletRoot} ${plugin_registered ? 'knows the driver' : `cannot register the driver: ${error}`}`,
      );
      if (!plugin_registered) retry = setTimeout(again, RETRY_MILLISECONDS);
      return {};
    },
  };
  const serve = (): Promise<GrpcServer> => serveGrpc(socket, [{ service, calls }], (_, work) => work());
  let server = await serve();
  const again = (): void => {
    if (closed) return;
    server.close();
    serve().then(
      (next) => {
        server = next;
        if (closed) next.close();
      },
      (error: unknown) => log(`registration at ${socket}: ${String(error)}`),
    );
  };
  return {
    close: () => {
      closed = true;
      clearTimeout(retry);
      server.close();
    },
  };
}
